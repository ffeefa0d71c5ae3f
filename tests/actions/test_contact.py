"""Whether the clinic is open, as a patient reads it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from actions.contact import answer, open_now, week
from actions.turn import Question
from stipple.content.pack import Pack

from .conftest import MakeTurn


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_the_week_is_told_in_one_line(turn: MakeTurn) -> None:
    assert week(turn()) == "Monday 09:00 to 18:00, Saturday 10:00 to 16:00"


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        (at(6, 8, 8), "18:00"),  # Monday, 9:00 in summer time
        (at(6, 8, 16, 59), "18:00"),
        (at(6, 13, 9), "16:00"),  # Saturday
        (at(12, 21, 9), "18:00"),  # Monday, 9:00 in winter time
    ],
)
def test_an_open_clinic_says_until_when(turn: MakeTurn, invented: Pack, now: datetime, closes: str) -> None:
    assert open_now(turn(now=now)) == invented.replies["open_now"].format(closes=closes)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(6, 8, 7, 59), "Monday 8 June, 09:00"),
        (at(6, 8, 17), "Saturday 13 June, 10:00"),
        (at(6, 10, 12), "Saturday 13 June, 10:00"),
        (at(6, 13, 15), "Monday 15 June, 09:00"),
        (at(6, 14, 23, 30), "Monday 15 June, 09:00"),  # half past midnight on Monday
        (at(12, 21, 8, 59), "Monday 21 December, 09:00"),
        (at(12, 30, 12), "Saturday 2 January 2027, 10:00"),
    ],
)
def test_a_closed_clinic_says_when_it_opens(turn: MakeTurn, invented: Pack, now: datetime, opens: str) -> None:
    assert open_now(turn(now=now)) == invented.replies["closed_now"].format(opens=opens)


def test_a_holiday_is_closed_all_day(turn: MakeTurn, invented: Pack) -> None:
    profile = invented.profile.model_copy(update={"holidays": {date(2026, 6, 15): "Founding day"}})
    told = open_now(turn(now=at(6, 15, 9), pack=replace(invented, profile=profile)))
    assert told == invented.replies["closed_now"].format(opens="Saturday 20 June, 10:00")


def test_a_clinic_without_hours_says_nothing(turn: MakeTurn, invented: Pack) -> None:
    profile = invented.profile.model_copy(update={"hours": {}})
    assert open_now(turn(pack=replace(invented, profile=profile))) == ""


@pytest.mark.parametrize(
    ("topic", "with_hours"), [("hours", True), ("person", True), ("phone", False), ("photo", False)]
)
def test_the_answer_says_whether_it_is_open_where_that_helps(turn: MakeTurn, topic: str, with_hours: bool) -> None:
    asked = turn(now=at(6, 8, 8))
    told = answer(Question(f"contact/{topic}", 0.9, ""), asked)
    (paragraph,) = told.paragraphs
    assert paragraph.endswith(open_now(asked)) == with_hours
    assert [(t["kind"], t["topic"]) for t in told.traces] == [("contact", topic)]
