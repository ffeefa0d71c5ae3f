"""The content pack that a running process answers from, which follows what staff publish without a restart."""

import logging
from dataclasses import replace

from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import ContentError, Pack
from stipple.records.plan_changes import in_use, newest_changes
from stipple.records.wordings import current_wordings, freshness

log = logging.getLogger(__name__)


class PackInUse:
    """One per process. ``files`` is the pack of the content files, which is read once.

    It is kept in memory, so that an emergency is answered while the database is down; before the first look at the
    database everything is as in the files.
    """

    def __init__(self, files: Pack) -> None:
        self.files = files
        # Replaced as a whole, so that a thread never sees the one without the other.
        self._held: tuple[tuple[int, int], Pack] = ((-1, -1), files)

    @property
    def pack(self) -> Pack:
        """The pack as this process last read it."""
        return self._held[1]

    def refresh(self, db: DbSession, fresh: tuple[int, int] | None = None) -> Pack:
        """The pack with everything that is published; ``fresh`` is the `freshness`, when it is known.

        A change of the care plan that cannot be read leaves the plan as it was, because an answer by the last good
        plan is better than none; `stipple content check` and the next start name it.
        """
        fresh = fresh or freshness(db)
        if fresh != self._held[0]:
            self._held = (fresh, _with_published_dangers(db, self._planned(db)))
        return self.pack

    def _planned(self, db: DbSession) -> Pack:
        try:
            return in_use(self.files, newest_changes(db))
        except ContentError as error:
            log.error("%s", error)
            return self.pack


def _with_published_dangers(db: DbSession, pack: Pack) -> Pack:
    """The gateway answers a danger sign itself, with the text that was published last."""
    current = current_wordings(db)
    flags = {
        flag.id: flag.model_copy(update={"text": current[rule].text})
        if (rule := f"red_flag/{flag.id}") in current
        else flag
        for flag in pack.red_flags.values()
    }
    return replace(pack, red_flags=flags)
