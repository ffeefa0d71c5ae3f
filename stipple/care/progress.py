"""How far a patient is through their sessions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stipple.care.healing import HealingDay, current_course, healing_today, upcoming
from stipple.care.plan import window_for
from stipple.care.record import PatientRecord
from stipple.content.schema import CareTopic, Verdict, Window

# Clinics space sessions 10 to 14 days apart and never treat over scabs, which shed by day 14 at the latest.
EARLIEST_GAP_DAYS = 10
USUAL_GAP_DAYS = 14


@dataclass(frozen=True)
class Progress:
    """Counts and dates of the current course; a date is the clinic's calendar date, None when there is none."""

    goal: str | None
    planned: int
    done: int
    days_since: int | None
    last_session: date | None
    last_practitioner: str | None
    next_session: datetime | None
    one_after: datetime | None = None

    @property
    def left(self) -> int:
        """Sessions the course still needs."""
        return max(0, self.planned - self.done)

    @property
    def gap_days(self) -> int | None:
        """Days between the last session and the next one booked."""
        if self.last_session is None or self.next_session is None:
            return None
        return (self.next_session.date() - self.last_session).days


def progress(record: PatientRecord, now: datetime) -> Progress | None:
    """Progress in the current course; None when the record has no course."""
    course = current_course(record, now)
    if course is None:
        return None
    standing = healing_today(record, now)
    coming = upcoming(record, now)
    return Progress(
        goal=course.goal,
        planned=course.planned,
        done=course.done,
        days_since=standing.day if standing else None,
        last_session=standing.session_date if standing else None,
        last_practitioner=_practitioner(record, standing) if standing else None,
        next_session=coming[0].starts_at.astimezone(record.zone) if coming else None,
        one_after=coming[1].starts_at.astimezone(record.zone) if len(coming) > 1 else None,
    )


def _practitioner(record: PatientRecord, standing: HealingDay) -> str | None:
    """Who holds the session that the healing count starts from, which may lie in an earlier course."""
    session = (standing.session_number, standing.session_date)
    visits = (v for c in record.courses for v in c.visits if v.status in ("done", "planned"))
    return next((v.practitioner for v in visits if (v.number, record.local_date(v.starts_at)) == session), None)


def usual_gap(session: date) -> tuple[date, date]:
    """The first and the last date on which clinics usually treat again after ``session``."""
    return session + timedelta(days=EARLIEST_GAP_DAYS), session + timedelta(days=USUAL_GAP_DAYS)


def day_plan(
    topics: dict[str, CareTopic], day: int, course_complete: bool
) -> dict[Verdict, list[tuple[CareTopic, Window]]]:
    """Every topic's window on healing day ``day``, grouped by verdict."""
    plan: dict[Verdict, list[tuple[CareTopic, Window]]] = {}
    for topic in topics.values():
        window = window_for(topic, day, course_complete)
        plan.setdefault(window.verdict, []).append((topic, window))
    return plan
