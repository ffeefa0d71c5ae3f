"""Whoever was told to be seen: what they say of that, what may be answered beside it, and what ends the reminders."""

from datetime import timedelta

import pytest

from actions import followup, healing_sign, red_flag
from actions.answering import _to_answer, _when_all_is_well
from actions.context import in_context
from actions.envelope import trace
from actions.triage import triage_result
from actions.turn import Answer, Question, Turn

from .conftest import MakeTurn, worded

HAT = Question("aftercare/hat", 0.9, "can i wear my cap")
RULE = Question("healing_sign/rule_broken", 0.4, "")


def answered(turn: Turn) -> list[str]:
    return [q.label for q in _to_answer(in_context(turn), True)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("i rang 111, they said leave it. can i wear my cap", "followup/seen"),
        ("can it wait till monday? and can i wear my cap", "followup/wait"),
        ("why do you keep saying 111. can i wear my cap", "followup/reminder"),
    ],
)
def test_what_is_said_of_the_advice_is_answered_beside_what_is_asked(turn: MakeTurn, text: str, label: str) -> None:
    assert answered(turn(text, questions=(HAT,), level="doctor")) == [label, HAT.label]
    # What only the whole message half suggests is no question beside it.
    assert answered(turn(text, questions=(RULE,), level="doctor")) == [label]


def test_nothing_is_said_of_advice_that_nobody_gave_or_beside_a_new_danger(turn: MakeTurn) -> None:
    text = "my gp said it is fine. can i wear my cap"
    assert answered(turn(text, questions=(HAT,))) == [HAT.label]
    danger = turn(text, questions=(HAT,), level="doctor", dangers=("pus",))
    assert "followup/seen" not in answered(danger)


def test_who_has_been_seen_is_not_told_to_be_seen_first(turn: MakeTurn) -> None:
    care = Answer(("Yes, you can.",), (trace("aftercare", "hat", verdict="ok"),))
    seen = Answer(("Good that they know.",), (trace("followup", "seen"),))
    assert _when_all_is_well([seen, care], turn(level="doctor")) == [seen, care]


def test_after_three_questions_that_ended_well_a_doctors_word_is_nothing_to_settle(turn: MakeTurn) -> None:
    well = (trace("healing_sign", "unsure", urgency="normal"),)
    assert answered(turn("my gp said it is fine. can i wear my cap", questions=(HAT,), told=well)) == [HAT.label]


def test_a_reminder_is_no_matter_where_nothing_is_reminded_of(turn: MakeTurn) -> None:
    told = followup.answer(Question("followup/reminder", 1.0, ""), turn())
    assert told.traces[-1]["topic"] == "did_you_mean"


@pytest.mark.parametrize(("level", "ends"), [("doctor", True), ("emergency", True), ("crisis", False)])
def test_why_a_danger_is_told_with_each_reply_is_said_and_mostly_ends_it(
    turn: MakeTurn, level: str, ends: bool
) -> None:
    told = followup.answer(Question("followup/reminder", 1.0, ""), turn(level=level))
    assert ("I will not say it each time" in told.paragraphs[0]) is ends
    assert (told.traces[0]["topic"] == "false_alarm") is ends


@pytest.mark.parametrize(("level", "label"), [("doctor", "followup/seen"), ("emergency", "followup/wait")])
def test_an_appointment_is_soon_enough_for_a_doctors_sign_only(turn: MakeTurn, level: str, label: str) -> None:
    assert answered(turn("got a gp slot at 3", questions=(RULE,), level=level)) == [label]


def test_after_low_mood_how_soon_is_not_a_matter_of_photos(turn: MakeTurn) -> None:
    told = followup.answer(Question("followup/wait", 1.0, ""), turn(level="clinic", answered=("red_flag/low_mood",)))
    assert "photo" not in told.paragraphs[0]
    assert told.traces[0]["urgency"] == "clinic"


@pytest.mark.parametrize(
    ("verdict", "level", "first"),
    [("ok", "doctor", True), ("avoid", "doctor", False), ("ok", "clinic", False), ("ok", "crisis", False)],
)
def test_what_is_allowed_waits_until_a_doctor_has_looked(turn: MakeTurn, verdict: str, level: str, first: bool) -> None:
    care = Answer(("Yes, you can.",), (trace("aftercare", "hat", verdict=verdict),))
    (told,) = _when_all_is_well([care], turn(level=level))
    assert (told.paragraphs[0] != care.paragraphs[0]) is first
    assert told.traces == care.traces


@pytest.mark.parametrize(
    ("level", "change", "held"),
    [("doctor", "better", True), ("clinic", "better", True), ("doctor", "worse", False), ("normal", "better", False)],
)
def test_who_is_calmer_now_is_told_why_the_level_stays(turn: MakeTurn, level: str, change: str, held: bool) -> None:
    asked = turn("none", level=level, session_date=turn().today - timedelta(days=5))
    told = triage_result(change, "none", asked)
    assert ("even if it feels calmer" in told.paragraphs[0]) is held
    assert told.traces[0]["urgency"] == level


@pytest.mark.parametrize(("days", "told"), [(2, True), (9, False)])
def test_a_sign_that_must_be_seen_names_the_session_that_is_near(turn: MakeTurn, days: int, told: bool) -> None:
    near = turn("", session_date=turn().today - timedelta(days=20), next_session=turn().today + timedelta(days=days))
    for answer in (
        healing_sign.answer(Question("healing_sign/redness", 0.9, ""), worded(near)),
        red_flag.answer(Question("red_flag/pus", 0.9, ""), worded(near)),
    ):
        assert any("call us before you come" in p for p in answer.paragraphs) is told


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ok i rang 111, they gave me cream. can i wear a hat", ["followup/seen", "aftercare/hat"]),
        ("ok i rang 111, they gave me cream for it", ["followup/seen"]),
    ],
)
def test_what_is_likely_asked_beside_having_been_seen_is_answered(turn: MakeTurn, text: str, read: list[str]) -> None:
    asked = (Question("followup/seen", 0.9, text),)
    made = turn(text, questions=asked, level="doctor", possible=("aftercare/hat",))
    assert [q.label for q in in_context(made).questions] == read
