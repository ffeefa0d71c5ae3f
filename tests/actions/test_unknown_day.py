"""Signs and rules of somebody whose healing day is not known, or is not the one they think."""

from dataclasses import replace

import pytest

from actions import aftercare, healing_sign
from actions.turn import Question

from .conftest import MakeTurn, patient, worded

SCABS = Question("healing_sign/scabs", 0.9, "")
SLEEP = Question("aftercare/sleep", 0.9, "")


def test_a_sign_on_an_unknown_day_is_told_for_every_day_and_judged_by_the_most_urgent(turn: MakeTurn) -> None:
    told = healing_sign.answer(SCABS, worded(turn("there are scabs")))
    assert told.paragraphs[1].count("\n") == 1
    assert told.paragraphs[1].startswith("• Day 0 to 14: ")
    assert "Day 15 and on: " in told.paragraphs[1]
    assert told.traces[0]["urgency"] == "clinic"
    assert told.paragraphs[-1].startswith("When was your last session?")


def test_a_day_that_was_told_with_a_sign_holds_for_the_next_one(turn: MakeTurn) -> None:
    first = healing_sign.answer(SCABS, worded(turn("day 3 and there are scabs")))
    then = healing_sign.answer(Question("healing_sign/itch", 0.9, ""), worded(turn("it itches too", told=first.traces)))
    assert (then.traces[0]["asked_day"], then.traces[0]["urgency"]) == (3, "normal")


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("forehead has puffed up, session was yesterday", "In our record your last session was on"),
        ("im on day 1 and its swollen", "You said day 1. Our record says day 6"),
        ("forehead has puffed up since this morning", None),
        ("im on day 6 and its swollen", None),
    ],
)
def test_a_sign_says_where_the_record_counts_from_another_session(turn: MakeTurn, text: str, noted: str | None) -> None:
    made = worded(turn(text))
    made = replace(made, record=patient(made.pack, first=-6))
    swelling = Question("healing_sign/swelling", 0.9, text)
    said = healing_sign.answer(swelling, replace(made, questions=(swelling,))).paragraphs[0]
    assert said.startswith(noted or "You are on day 6")
    assert "You are on day 6" in said


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("im a face down sleeper", False),
        ("with foil or what", False),
        ("the 41st", True),
        ("cant remember", True),
        ("tuesdayish", True),
        ("31/2", True),
        ("may i lie in the sun, and how long does it last", False),
        ("every day or not", False),
        ("is factor 50 enough", False),
    ],
)
def test_who_asks_on_without_a_date_gets_the_rule_of_each_day(turn: MakeTurn, text: str, unread: bool) -> None:
    told = aftercare.answer(SLEEP, worded(turn(text, awaiting_session_date=True))).paragraphs
    assert told[0].startswith("I could not read a date in that." if unread else "• Day 0 to 6: ")


@pytest.mark.parametrize(("text", "noted"), [("can i box on the 14th", True), ("can i box on the 13th", False)])
def test_a_day_ahead_with_a_session_on_it_is_named_as_that(turn: MakeTurn, text: str, noted: bool) -> None:
    made = worded(turn(text))
    made = replace(made, record=patient(made.pack, first=-8, next=4))
    asked = Question("aftercare/contact_sport", 0.9, text)
    told = aftercare.answer(asked, replace(made, questions=(asked,))).paragraphs
    assert ("You have a session on that day. After it the days start again." in told) == noted


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("can i have a pint tonight, session was this morning", True),
        ("can i have a pint, had my session 20 days ago", False),
        ("can i have a pint tonight", False),
    ],
)
def test_a_session_that_the_record_does_not_hold_yet_is_not_forgotten(turn: MakeTurn, text: str, strict: bool) -> None:
    made = worded(turn(text))
    made = replace(made, record=patient(made.pack, first=-10))
    asked = Question("aftercare/alcohol", 0.9, text)
    told = " ".join(aftercare.answer(asked, replace(made, questions=(asked,))).paragraphs)
    assert ("If you did have one on Wednesday 10 June, count from that day:" in told) == strict
    assert "You are on day 10" in told
