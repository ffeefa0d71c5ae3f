"""What the care plan says of a topic on a healing day, and when that changes."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from stipple.care.healing import HealingDay, healing_day, healing_today
from stipple.care.record import PatientOverride, PatientRecord
from stipple.content.schema import CareTopic, Verdict, Window

# Strictest first: between two rules the patient hears the one that asks for more restraint.
STRICTNESS: tuple[Verdict, ...] = ("avoid", "ask", "care", "do", "ok")
# No window of a care plan starts later than this many days after a session.
HORIZON_DAYS = 400


@dataclass(frozen=True)
class Ruling:
    """The clinic's word on one topic for one date."""

    topic: str
    on: date
    healing: HealingDay
    window: Window
    override: PatientOverride | None = None

    @property
    def verdict(self) -> Verdict:
        """What holds: the override's verdict when there is one."""
        return self.override.verdict if self.override else self.window.verdict

    @property
    def rule_id(self) -> str:
        """Identifier of the instruction this ruling shows."""
        return f"aftercare/{self.topic}/{self.window.span}"


def window_for(topic: CareTopic, day: int, course_complete: bool) -> Window:
    """The window that holds on healing day ``day``.

    A topic counted from the course starts only after the course's last session; between sessions the strictest of
    the day's window and the first one holds (source: the clinics' sheets count pool, sauna and tanning from the
    last session, because the gap between sessions is shorter than their healing time).
    """
    by_day = topic.window(day)
    if topic.counted_from == "session" or course_complete:
        return by_day
    return min(topic.windows[0], by_day, key=lambda w: STRICTNESS.index(w.verdict))


def rule(topic: CareTopic, record: PatientRecord, on: date, now: datetime) -> Ruling | None:
    """The clinic's word on ``topic`` for the date ``on``; None when no session has taken place by then."""
    healing = healing_day(record, on, now)
    if healing is None:
        return None
    return _ruling(topic, record, on, healing)


def _ruling(topic: CareTopic, record: PatientRecord, on: date, healing: HealingDay) -> Ruling:
    override = next((o for o in reversed(record.overrides) if o.covers(topic.id, healing.day)), None)
    return Ruling(topic.id, on, healing, window_for(topic, healing.day, healing.course_complete), override)


def rule_on_day(topic: CareTopic, record: PatientRecord, day: int, now: datetime) -> Ruling | None:
    """The clinic's word on ``topic`` for healing day ``day`` of the count that runs now; None before any session."""
    current = healing_today(record, now)
    if current is None:
        return None
    healing = replace(current, day=day)
    return _ruling(topic, record, healing.on, healing)


def next_change(topic: CareTopic, record: PatientRecord, now: datetime) -> Ruling | None:
    """The first later day on which the rule for ``topic`` eases; None when none is known.

    It eases where the verdict becomes less strict, or where another rule begins that still asks for care.

    Planned sessions restart the count, so the day found is one that the booked visits allow. Where the course still
    needs sessions that are not booked, a topic counted from the course has no such day yet.
    """
    today = record.local_date(now)
    current = rule(topic, record, today, now)
    if current is None:
        return None
    for ahead in range(1, HORIZON_DAYS):
        later = rule(topic, record, today + timedelta(days=ahead), now)
        if later and _eases(later, current):
            return later
    return None


def _eases(later: Ruling, current: Ruling) -> bool:
    if later.verdict == current.verdict == "care":
        # The days of a session to come begin again with stricter rules before this one returns.
        return later.rule_id != current.rule_id and later.healing.day > current.healing.day
    return STRICTNESS.index(later.verdict) > STRICTNESS.index(current.verdict)
