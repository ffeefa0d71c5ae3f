"""The database as a stack needs it before it starts."""

from datetime import UTC, datetime

from stipple.console.two_step import seal_readable, unopened
from stipple.content.pack import load_pack
from stipple.records.database import Database, upgrade
from stipple.records.demo import ensure_clinic
from stipple.records.plan_changes import in_use, newest_changes, notices
from stipple.records.wordings import publish_pack
from stipple.sealing import Sealer
from stipple.settings import Settings


def upgrade_database(settings: Settings) -> Database:
    """Bring the schema up to date; nothing is dropped. Staff's secrets that were kept readably are sealed."""
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.begin() as db:
        sealed = seal_readable(db, Sealer(settings))
    if sealed:
        # SQLite's log would hold them readably for a while yet.
        database.settle()
    return database


def prepare_database(settings: Settings) -> Database:
    """Bring the schema and the published wordings up to date.

    Raises:
        ContentError: when a content file, or a change of the care plan made in the console, cannot be used.
    """
    files = load_pack(settings.content_dir)
    database = upgrade_database(settings)
    with database.begin() as db:
        ensure_clinic(db, files.profile)
        publish_pack(db, in_use(files, newest_changes(db)), "content files", datetime.now(UTC))
    return database


def plan_notices(settings: Settings, database: Database) -> list[str]:
    """What the operator must know of care plan changes that do not fit the content files."""
    with database.begin() as db:
        return [str(notice) for notice in notices(load_pack(settings.content_dir), newest_changes(db))]


def secret_notices(settings: Settings, database: Database) -> list[str]:
    """Who cannot sign in because no key opens their secret. Told, not refused: patients must be answered meanwhile."""
    with database.begin() as db:
        shut = unopened(db, Sealer(settings))
    what = "STIPPLE_SECRET_KEY does not open the two-step sign-in of"
    remedy = "put the earlier key behind the new one, after a comma, or use: stipple staff reset --no-totp"
    return [f"{what} {', '.join(shut)}; {remedy}"] if shut else []
