"""Healing day: calendar days in the clinic's time zone since the last session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stipple.care.record import CourseRecord, PatientRecord, Visit


@dataclass(frozen=True)
class HealingDay:
    """Where a patient stands on one calendar date.

    ``day`` counts from 0, the day of the session. ``course_complete`` is true when that session was the last
    one the course plans. ``session_date`` is the clinic's date of the session the count starts from.
    """

    day: int
    session_number: int
    session_date: date
    course_complete: bool

    @property
    def on(self) -> date:
        """The calendar date."""
        return self.session_date + timedelta(days=self.day)


def healing_day(record: PatientRecord, on: date, now: datetime) -> HealingDay | None:
    """Where the patient stands on the date ``on``, seen from the moment ``now``; None before the first session.

    A planned session restarts the count on its date. One whose time has passed without being marked counts as
    held, because the stricter reading is the safer one; one later today does not count yet.
    """
    today = record.local_date(now)
    held = [
        (record.local_date(visit.starts_at), visit, course)
        for course, visit in _visits(record)
        if _counts(visit, on, today, record, now)
    ]
    if not held:
        return None
    session_date, visit, course = max(held, key=lambda h: (h[0], h[1].starts_at))
    past_in_course = sum(h[2].id == course.id for h in held)
    return HealingDay(
        day=(on - session_date).days,
        session_number=visit.number,
        session_date=session_date,
        course_complete=past_in_course >= course.planned,
    )


def healing_today(record: PatientRecord, now: datetime) -> HealingDay | None:
    """Where the patient stands on the clinic's date at the moment ``now``; None before the first session."""
    return healing_day(record, record.local_date(now), now)


def is_session_day(record: PatientRecord, on: date) -> bool:
    """Whether the record holds a session on the clinic's date ``on`` that was neither cancelled nor missed."""
    held = (visit for _, visit in _visits(record) if visit.status not in ("cancelled", "missed"))
    return any(record.local_date(visit.starts_at) == on for visit in held)


def upcoming(record: PatientRecord, now: datetime) -> list[Visit]:
    """Planned sessions that have not begun, soonest first."""
    planned = (v for _, v in _visits(record) if v.status == "planned" and v.starts_at > now)
    return sorted(planned, key=lambda v: v.starts_at)


def current_course(record: PatientRecord, now: datetime) -> CourseRecord | None:
    """The course a question about progress means: the one with the next session, else with the latest one."""
    coming = upcoming(record, now)
    candidates = [c for c in record.courses if coming and coming[0] in c.visits] or [
        c for c in record.courses if c.visits
    ]
    if not candidates:
        return record.courses[-1] if record.courses else None
    return max(candidates, key=lambda c: max(v.starts_at for v in c.visits))


def _visits(record: PatientRecord) -> Iterator[tuple[CourseRecord, Visit]]:
    return ((course, visit) for course in record.courses for visit in course.visits)


def _counts(visit: Visit, on: date, today: date, record: PatientRecord, now: datetime) -> bool:
    if visit.status in ("cancelled", "missed") or record.local_date(visit.starts_at) > on:
        return False
    return on > today or visit.starts_at <= now
