"""The content pack that a running process answers from, which follows what staff publish without a restart."""

import logging
from dataclasses import replace

from sqlalchemy.orm import Session as DbSession

from stipple.content.pack import ContentError, Pack
from stipple.records.plan_changes import in_use, newest_changes
from stipple.records.wordings import Published, current_wordings, freshness

log = logging.getLogger(__name__)


class PackInUse:
    """One per process. ``files`` is the pack of the content files, which is read once.

    It is kept in memory, so that an emergency is answered while the database is down; before the first look at the
    database everything is as in the files.
    """

    def __init__(self, files: Pack) -> None:
        self.files = files
        # Replaced as a whole, so that a thread never sees the one without the other.
        self._held: tuple[tuple[int, int], Pack, dict[str, Published]] = ((-1, -1), files, {})

    @property
    def pack(self) -> Pack:
        """The pack as this process last read it."""
        return self._held[1]

    def refresh(self, db: DbSession) -> Pack:
        """The pack with everything that is published.

        A change of the care plan that cannot be read leaves the plan as it was, because an answer by the last good
        plan is better than none; `stipple content check` and the next start name it.
        """
        return self.current(db)[0]

    def current(self, db: DbSession) -> tuple[Pack, dict[str, Published]]:
        """As `refresh`, with the wording of every instruction that patients read now, by instruction id."""
        fresh, held = freshness(db), self._held
        if fresh != held[0]:
            # The plan first: its wordings are published with it, so those read later hold all that it names.
            pack, wordings = self._planned(db), current_wordings(db)
            self._held = held = (fresh, _with_published_dangers(pack, wordings), wordings)
        return held[1], held[2]

    def _planned(self, db: DbSession) -> Pack:
        try:
            return in_use(self.files, newest_changes(db))
        except ContentError as error:
            log.error("%s", error)
            return self.pack


def _with_published_dangers(pack: Pack, current: dict[str, Published]) -> Pack:
    """The gateway answers a danger sign itself, with the text that was published last and its version."""
    published = {flag: current[rule] for flag in pack.red_flags if (rule := f"red_flag/{flag}") in current}
    reworded = {flag: pack.red_flags[flag].model_copy(update={"text": w.text}) for flag, w in published.items()}
    versions = {flag: wording.version for flag, wording in published.items()}
    return replace(pack, red_flags=pack.red_flags | reworded, danger_versions=versions)
