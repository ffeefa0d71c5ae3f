"""What another set of windows changes: on which healing days, and for which patients."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from stipple.care.healing import HealingDay, healing_day
from stipple.care.plan import STRICTNESS, window_for
from stipple.care.record import PatientRecord
from stipple.content.schema import CareTopic, Verdict, Window

# How far ahead patients are told to the admin who changes their plan.
DAYS_AHEAD = 14


@dataclass(frozen=True)
class Stretch:
    """Healing days on which the same changes; ``last`` None means from then on. ``new_words``: the text changes."""

    first: int
    last: int | None
    before: Verdict
    after: Verdict
    new_words: bool

    @property
    def changed(self) -> bool:
        """Whether patients hear anything else on these days."""
        return self.before != self.after or self.new_words

    @property
    def eased(self) -> bool:
        """Whether patients are held back less on these days, or are told to do what they were not."""
        return eased(self.before, self.after)


@dataclass(frozen=True)
class Effect:
    """A day on which a patient hears something else."""

    on: date
    healing: HealingDay
    before: Verdict
    after: Verdict

    @property
    def eased(self) -> bool:
        """Whether the patient is held back less on that day."""
        return eased(self.before, self.after)


def eased(before: Verdict, after: Verdict) -> bool:
    """Whether ``after`` holds a patient back less than ``before``, or tells them to do what they were not."""
    if before == after:
        return False
    return after == "do" or STRICTNESS.index(after) > STRICTNESS.index(before)


def stretches(old: CareTopic, new: CareTopic, course_complete: bool) -> list[Stretch]:
    """Every healing day from 0 on, days on which the same changes taken together."""
    borders = sorted({w.from_day for topic in (old, new) for w in topic.windows})
    found: list[Stretch] = []
    for first, following in zip(borders, [*borders[1:], None], strict=True):
        one, other = window_for(old, first, course_complete), window_for(new, first, course_complete)
        last = None if following is None else following - 1
        now = Stretch(first, last, one.verdict, other.verdict, _read(one) != _read(other))
        if found and replace(found[-1], first=first, last=last) == now:
            now = replace(now, first=found.pop().first)
        found.append(now)
    return found


def all_stretches(old: CareTopic, new: CareTopic) -> list[Stretch]:
    """What changes in any standing: after the last session of a course, and between sessions where that differs."""
    standings = (True,) if old.counted_from == new.counted_from == "session" else (True, False)
    return [s for complete in standings for s in stretches(old, new, complete)]


def last_changed_day(found: Sequence[Stretch]) -> int | None:
    """The last healing day that anything changes on; None when it changes for good, -1 when nothing does."""
    days = [s.last for s in found if s.changed]
    return None if None in days else max((d for d in days if d is not None), default=-1)


def effect(old: CareTopic, new: CareTopic, record: PatientRecord, now: datetime) -> Effect | None:
    """What an admin must know of a patient: the first day within `DAYS_AHEAD` days on which they are held back less,
    else the first on which anything changes; None when nothing does.

    A practitioner's own rule for the patient beats both plans, so its days do not change.
    """
    found = list(_effects(old, new, record, now))
    return next((e for e in found if e.eased), next(iter(found), None))


def _effects(old: CareTopic, new: CareTopic, record: PatientRecord, now: datetime) -> Iterator[Effect]:
    today = record.local_date(now)
    for ahead in range(DAYS_AHEAD + 1):
        on = today + timedelta(days=ahead)
        healing = healing_day(record, on, now)
        if healing is None or any(o.covers(old.id, healing.day) for o in record.overrides):
            continue
        one = window_for(old, healing.day, healing.course_complete)
        other = window_for(new, healing.day, healing.course_complete)
        if one.verdict != other.verdict or _read(one) != _read(other):
            yield Effect(on, healing, one.verdict, other.verdict)


def _read(window: Window) -> tuple[str, str, str]:
    return window.text, window.why, window.simpler
