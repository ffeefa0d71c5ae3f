"""Small patient records, and an independent reading of the care plan's table."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from stipple.care.record import CourseRecord, PatientOverride, PatientRecord, Status, Visit
from stipple.content.pack import Pack, load_pack
from stipple.content.schema import CareTopic, Verdict, Window

HERE = Path(__file__).parent
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
SYDNEY = ZoneInfo("Australia/Sydney")
AUCKLAND = ZoneInfo("Pacific/Auckland")
ZONES = (LONDON, NEW_YORK, SYDNEY, AUCKLAND)
TODAY = date(2026, 6, 10)
# Written out here a second time on purpose: the tests must not take the order from the code they test.
STRICTEST_FIRST = ("avoid", "ask", "care", "do", "ok")


def at(day: date, clock: str = "10:00", zone: ZoneInfo = LONDON) -> datetime:
    """That clock time on that day in the clinic."""
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


NOW = at(TODAY)


def visit(starts_at: datetime, status: Status = "done", number: int = 1, practitioner: str | None = None) -> Visit:
    return Visit(number, starts_at, status, practitioner)


def course(*visits: Visit, planned: int = 3, number: int = 1, goal: str | None = None) -> CourseRecord:
    return CourseRecord(number, goal, planned, visits)


def record(*courses: CourseRecord, zone: ZoneInfo = LONDON, overrides: Iterable[PatientOverride] = ()) -> PatientRecord:
    return PatientRecord(zone, courses, tuple(overrides))


def sessions(*days_ago: int, planned: int = 3, overrides: Iterable[PatientOverride] = ()) -> PatientRecord:
    """One course with a session at nine o'clock that many days before TODAY; a negative number is a booked one."""
    visits = (
        visit(at(TODAY - timedelta(days=ago), "09:00"), "done" if ago >= 0 else "planned", number)
        for number, ago in enumerate(sorted(days_ago, reverse=True), 1)
    )
    return record(course(*visits, planned=planned), overrides=overrides)


@cache
def clinic() -> Pack:
    """The content that the project ships."""
    return load_pack(HERE.parents[1] / "data" / "clinic")


def topic(counted_from: str, *windows: tuple[int, int | None, Verdict]) -> CareTopic:
    """An invented topic of the care plan."""
    words = {"text": "Some text.", "simpler": "Some text.", "why": "A reason.", "sources": ["A source."]}
    built = [
        Window(from_day=first, to_day=last, verdict=verdict, confidence="U", **words)
        for first, last, verdict in windows
    ]
    return CareTopic(id="invented", title="Invented", counted_from=counted_from, windows=built)


@dataclass(frozen=True)
class Row:
    """One row of the care plan's table, as the clinic wrote it."""

    topic: str
    counted_from: str
    from_day: int
    to_day: int | None
    verdict: str


@cache
def rows() -> tuple[Row, ...]:
    with (HERE / "care_plan_rows.csv").open(newline="") as file:
        return tuple(
            Row(
                r["topic"],
                r["counted_from"],
                int(r["from_day"]),
                int(r["to_day"]) if r["to_day"] else None,
                r["verdict"],
            )
            for r in csv.DictReader(file)
        )


@cache
def table() -> dict[str, tuple[Row, ...]]:
    """The rows by topic."""
    return {name: tuple(r for r in rows() if r.topic == name) for name in dict.fromkeys(r.topic for r in rows())}


def by_table(name: str, day: int, complete: bool) -> str:
    """The verdict that the table alone gives for a healing day."""
    of_topic = table()[name]
    passed = [r for r in of_topic if r.from_day <= day]
    verdicts = {max(passed, key=lambda r: r.from_day).verdict}
    if of_topic[0].counted_from == "course" and not complete:
        verdicts |= {r.verdict for r in of_topic if r.from_day == 0}
    return min(verdicts, key=STRICTEST_FIRST.index)
