"""The database as a stack needs it before it starts."""

from datetime import UTC, datetime

from stipple.content.pack import load_pack
from stipple.records.database import Database, upgrade
from stipple.records.demo import ensure_clinic
from stipple.records.wordings import publish_pack
from stipple.settings import Settings


def prepare_database(settings: Settings) -> Database:
    """Bring the schema and the published wordings up to date."""
    pack = load_pack(settings.content_dir)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.begin() as db:
        ensure_clinic(db, pack.profile)
        publish_pack(db, pack, "content files", datetime.now(UTC))
    return database
