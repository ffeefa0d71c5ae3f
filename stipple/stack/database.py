"""The database as a stack needs it before it starts."""

from datetime import UTC, datetime

from stipple.content.pack import load_pack
from stipple.records.database import Database, upgrade
from stipple.records.demo import ensure_clinic
from stipple.records.plan_changes import in_use, newest_changes, notices
from stipple.records.wordings import publish_pack
from stipple.settings import Settings


def prepare_database(settings: Settings) -> Database:
    """Bring the schema and the published wordings up to date.

    Raises:
        ContentError: when a content file, or a change of the care plan made in the console, cannot be used.
    """
    files = load_pack(settings.content_dir)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.begin() as db:
        ensure_clinic(db, files.profile)
        publish_pack(db, in_use(files, newest_changes(db)), "content files", datetime.now(UTC))
    return database


def plan_notices(settings: Settings, database: Database) -> list[str]:
    """What the operator must know of care plan changes that do not fit the content files."""
    with database.begin() as db:
        return [str(notice) for notice in notices(load_pack(settings.content_dir), newest_changes(db))]
