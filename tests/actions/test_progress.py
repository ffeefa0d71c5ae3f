"""What a visitor without a record is told of their days: it counts from the sessions that they told of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from actions import progress
from actions.turn import Answer, Question, Turn

from .conftest import NOW, MakeTurn, patient

LAST, NEXT = (NOW + timedelta(days=days) for days in (-5, 3))


def answered(topic: str, turn: Turn) -> Answer:
    return progress.answer(Question(f"progress/{topic}", 0.9, turn.text), turn)


@pytest.fixture
def visitor(turn: MakeTurn) -> MakeTurn:
    """A visitor whose last session was on Friday 5 June and whose next one is on Saturday 13 June."""
    return lambda text: turn(text, session_date=LAST.date(), next_session=NEXT.date())


@pytest.mark.parametrize(
    ("text", "day", "anew"),
    [("what day am i on", 5, False), ("what day am i on on friday", 7, False), ("which day on monday", 2, True)],
)
def test_a_day_after_the_session_to_come_counts_from_it(visitor: MakeTurn, text: str, day: int, anew: bool) -> None:
    told = answered("days_since", visitor(text))
    assert told.traces[0]["value"] == day
    assert ("starts the days again" in told.paragraphs[0]) is anew


def test_the_plan_and_the_stage_are_told_for_the_day_that_was_told(visitor: MakeTurn) -> None:
    plan, stage = (answered(topic, visitor("")) for topic in ("today_plan", "healing_stage"))
    assert plan.paragraphs[0].startswith("Today is day 5. Here is your plan:")
    assert "day 5" in stage.paragraphs[0]
    assert {t["from_record"] for t in (*plan.traces, *stage.traces)} == {False}


def test_of_a_visitor_who_told_nothing_no_day_is_known(turn: MakeTurn) -> None:
    assert "value" not in answered("today_plan", turn("my plan for today")).traces[0]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("too_soon", "A longer gap is often fine"),
        ("missed", "seldom have to start again"),
        ("why_complete", "thin layer"),
    ],
)
def test_what_needs_no_record_is_told_to_a_visitor(turn: MakeTurn, topic: str, said: str) -> None:
    told = progress.answer(Question(f"progress/{topic}", 0.9, ""), turn())
    assert said in told.paragraphs[0]
    assert not told.traces[0]["from_record"]


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("am i still on for monday", True),
        ("am i still on for saturday", False),
        ("when is my next one, i fly on monday", False),
    ],
)
def test_a_session_that_the_record_has_on_another_day_is_said_to_be_missing(
    turn: MakeTurn, text: str, differs: bool
) -> None:
    here = turn(text)
    told = answered("next_session", replace(here, record=patient(here.pack, last=-5, coming=3)))
    assert "on Saturday 13 June" in told.paragraphs[0]
    assert ("has none for you on Monday 15 June" in told.paragraphs[0]) is differs
