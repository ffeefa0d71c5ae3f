"""The content pack that a running process answers from, which follows the care plan's changes without a restart."""

import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import ContentError, Pack
from stipple.records.plan_changes import in_use, newest_changes
from stipple.records.plan_models import PlanChange

log = logging.getLogger(__name__)


class PackInUse:
    """One per process. ``files`` is the pack of the content files, which is read once."""

    def __init__(self, files: Pack) -> None:
        self.files = files
        # Replaced as a whole, so that a thread never sees the one without the other.
        self._held: tuple[int, Pack] = (0, files)

    @property
    def pack(self) -> Pack:
        """The pack as this process last read it."""
        return self._held[1]

    def refresh(self, db: DbSession, changes: int | None = None) -> Pack:
        """The pack with every change that is saved; ``changes`` is how many there are, when it is known.

        A change that cannot be read leaves the pack as it was, because an answer by the last good plan is better than
        none; `stipple content check` and the next start name it.
        """
        if changes is None:
            changes = db.scalar(select(func.count(PlanChange.id))) or 0
        if changes != self._held[0]:
            try:
                self._held = (changes, in_use(self.files, newest_changes(db)))
            except ContentError as error:
                log.error("%s", error)
        return self.pack
