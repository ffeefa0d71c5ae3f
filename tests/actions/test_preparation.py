"""What is asked for the time before a session, while the scalp heals from the one before."""

from datetime import timedelta

import pytest

from actions import preparation
from actions.context import in_context
from actions.turn import Answer, Question, Turn
from stipple.content.pack import Pack

from .conftest import MakeTurn, patient, worded

SESSION_DAYS = {"first": -3, "next": 4}


def verdicts(turn: Turn, topic: str) -> list[tuple[str, str, object]]:
    told = preparation.answer(Question(f"preparation/{topic}", 0.9, turn.text), worded(turn))
    return [(t["kind"], t["verdict"], t.get("asked_day")) for t in told.traces]


# Now is a Wednesday, the session that is healing was on Sunday and the next one is on the Sunday to come.
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("can i wash my hair on friday, before my session", 5),
        ("can i wash my hair the day before my session", 6),
        ("can i wash my hair on the morning of my session on sunday", 6),
    ],
)
def test_between_two_sessions_the_care_plan_holds_too(turn: MakeTurn, invented: Pack, text: str, day: int) -> None:
    told = verdicts(turn(text, record=patient(invented, **SESSION_DAYS)), "wash")
    assert [(kind, asked) for kind, _, asked in told] == [("aftercare", day), ("preparation", None)]
    assert told[0][1] == "avoid"


@pytest.mark.parametrize(
    ("topic", "days"),
    [
        ("wash", {"first": -20, "next": 2}),  # healed by then
        ("wash", {"next": 2}),  # no session lies back
        ("wash", {"first": -3}),  # none is to come
        ("bring", SESSION_DAYS),  # nothing in the care plan stands beside it
    ],
)
def test_else_only_what_holds_before_a_session_is_told(
    turn: MakeTurn, invented: Pack, topic: str, days: dict[str, int]
) -> None:
    assert [kind for kind, _, _ in verdicts(turn("before my session", record=patient(invented, **days)), topic)] == [
        "preparation"
    ]


def test_a_visitor_who_told_of_both_sessions_is_answered_alike(turn: MakeTurn) -> None:
    today = turn().today
    sessions = {"session_date": today - timedelta(days=3), "next_session": today + timedelta(days=3)}
    assert verdicts(turn("can i wash my hair tomorrow", **sessions), "wash")[0] == ("aftercare", "avoid", 4)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what do i need to do before sunday", "preparation/all"),
        ("give me the list for before my next session", "preparation/all"),
        ("what is my plan for sunday", "progress/today_plan"),
    ],
)
def test_a_plan_for_the_time_before_the_session_is_the_list_of_what_holds_then(
    turn: MakeTurn, invented: Pack, text: str, asked: str
) -> None:
    plan = (Question("progress/today_plan", 0.9, text),)
    assert in_context(turn(text, questions=plan, record=patient(invented, **SESSION_DAYS))).questions[0].label == asked


def test_the_list_names_every_topic_in_a_line(turn: MakeTurn) -> None:
    asked = turn("")
    told = preparation.answer(Question("preparation/all", 1.0, ""), worded(asked))
    lines = told.paragraphs[0].split("\n")
    assert lines[0] == "Before a session:"
    assert len(lines) == 1 + len(asked.pack.preparation)
    assert all(line.startswith("• ") and line.endswith(".") for line in lines[1:])


@pytest.mark.parametrize(
    ("text", "topic", "beside"),
    [
        ("can i have a beer on saturday", "alcohol", True),
        ("can i have a beer tomorrow", "alcohol", False),
        ("can i use a razor on friday", "razor", True),
        ("can i wear a hat on saturday", "hat", False),
    ],
)
def test_what_is_allowed_on_a_day_near_the_next_session_is_told_with_what_holds_before_it(
    turn: MakeTurn, invented: Pack, text: str, topic: str, beside: bool
) -> None:
    asked = turn(text, record=patient(invented, first=-20, next=4))
    care = Answer(("Yes.",), ({"kind": "aftercare", "verdict": "ok"},))
    question = Question(f"aftercare/{topic}", 0.9, text)
    told = preparation.with_session_near(question, care, worded(asked))
    assert [t["kind"] for t in told.traces] == ["aftercare", *(["preparation"] if beside else [])]


@pytest.mark.parametrize(("last", "first"), [(None, "preparation"), (12, "aftercare")])
def test_a_visitor_who_tells_only_of_a_session_to_come_reads_first_what_holds_before_it(
    turn: MakeTurn, last: int | None, first: str
) -> None:
    today = turn().today
    before = None if last is None else today - timedelta(days=last)
    asked = turn("can i have a beer tonight", next_session=today + timedelta(days=1), session_date=before)
    care = Answer(("By day: ...",), ({"kind": "aftercare"},))
    told = preparation.with_session_near(Question("aftercare/alcohol", 0.9, asked.text), care, worded(asked))
    assert told.traces[0]["kind"] == first
