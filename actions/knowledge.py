"""What the action server holds in memory: the content pack, the database and the published wordings."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import Pack, load_pack
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.wordings import Published
from stipple.settings import get_settings


class Knowledge:
    """Loaded once per process; care plan and wordings are read again as soon as a new one is published."""

    def __init__(self) -> None:
        settings = get_settings()
        self._packs = PackInUse(load_pack(settings.content_dir))
        self.database = Database(settings.database_url)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return self._packs.files.profile.zone

    def current(self, db: DbSession) -> tuple[Pack, dict[str, Published]]:
        """The content in use, and the wording of every instruction that patients read now, by instruction id."""
        return self._packs.current(db)


@lru_cache
def get_knowledge() -> Knowledge:
    """The process's one `Knowledge`."""
    return Knowledge()
