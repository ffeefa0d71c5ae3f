"""What the action server holds in memory: the content pack, the database and the published wordings."""

from functools import lru_cache

from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import Pack, load_pack
from stipple.records.database import Database
from stipple.records.wordings import Published, current_wordings, wordings_published
from stipple.settings import get_settings


class Knowledge:
    """Loaded once per process; wordings are read again as soon as a new one is published."""

    def __init__(self) -> None:
        settings = get_settings()
        self.pack: Pack = load_pack(settings.content_dir)
        self.database = Database(settings.database_url)
        self._wordings: dict[str, Published] = {}
        self._count = -1

    def wordings(self, db: DbSession) -> dict[str, Published]:
        """The wording of every instruction that patients read now, by instruction id."""
        count = wordings_published(db)
        if count != self._count:
            self._wordings, self._count = current_wordings(db), count
        return self._wordings


@lru_cache
def get_knowledge() -> Knowledge:
    """The process's one `Knowledge`."""
    return Knowledge()
