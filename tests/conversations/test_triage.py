"""A worry that cannot be named ends, after three questions, in a level."""

from typing import Any

import pytest

from stipple.stack.supervise import Stack
from tests.whole_stack import Patient, told

pytestmark = pytest.mark.stack
WORRY = "something about my scalp is not right and i cant say what"


def record(day: int) -> dict[str, Any]:
    return {"day": day, "done": 1, "planned": 3, "final": False, "next_in": 9}


def level(reply: dict[str, Any]) -> str:
    return str(told(reply, "healing_sign")[0]["urgency"])


def test_a_patient_with_a_record_is_asked_two_questions(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, record(5))
    reply = patient.says(WORRY)
    assert told(reply, "ask_back")[0]["topic"] == "triage_change"
    reply = patient.taps(reply, "The same")
    assert told(reply, "ask_back")[0]["topic"] == "triage_sign"
    reply = patient.taps(reply, "None")
    assert level(reply) == "clinic"


@pytest.mark.parametrize("answer", ["9 june", "saturday"])
def test_a_visitor_is_asked_for_the_date_too(stack: Stack, answer: str) -> None:
    visitor = Patient(stack.settings.base_url, None)
    assert told(visitor.says(WORRY), "ask_back")[0]["topic"] == "triage_date"
    reply = visitor.says(answer)
    assert told(reply, "ask_back")[0]["topic"] == "triage_change"
    reply = visitor.taps(visitor.taps(reply, "Better"), "None")
    assert level(reply) == "normal"


def test_a_sign_that_is_tapped_ends_in_its_safety_text(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, record(1))
    reply = patient.taps(patient.says(WORRY), "Better")
    reply = patient.taps(reply, "My lips, throat or breath")
    assert reply["text"].startswith("Call 999 now.")


def test_the_level_never_sinks_below_what_was_said_before(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, record(6))
    patient.says("there is green pus coming out of the dots")
    assert level(patient.says(WORRY)) == "doctor", "who was just sent to a doctor is asked nothing more"
    patient.says("what is your phone number?")
    reply = patient.says(WORRY)
    reply = patient.taps(patient.taps(reply, "Better"), "None")
    assert level(reply) == "doctor"


def test_typed_answers_are_understood(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, record(4))
    patient.says(WORRY)
    reply = patient.says("about the same as yesterday")
    assert told(reply, "ask_back")[0]["topic"] == "triage_sign"
    assert level(patient.says("none of those")) == "clinic"


def test_words_that_fit_the_question_answer_it_whatever_else_they_are_read_as(stack: Stack) -> None:
    visitor = Patient(stack.settings.base_url, None)
    visitor.says(WORRY)
    assert told(visitor.says("2 days ago"), "ask_back")[0]["topic"] == "triage_change"
    assert told(visitor.says("worse, i said"), "ask_back")[0]["topic"] == "triage_sign"
    reply = visitor.says("no fever no pus nothing")
    assert (level(reply), told(reply, "healing_sign")[0]["asked_day"]) == ("clinic", 2)
    assert level(visitor.says("can it wait till monday")) == "clinic"


def test_what_is_asked_between_the_questions_is_answered_and_the_question_comes_once_more(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, record(4))
    patient.says(WORRY)
    for asked in ("can i swim tomorrow", "do i have to go tonight yes or no", "what is your phone number"):
        reply = patient.says(asked)
        assert [t["topic"] for t in told(reply, "ask_back")] == ["triage_change"], asked
        assert reply["text"].count("Is it better, the same or worse") == 1, asked
        assert [c["title"] for c in reply["choices"]].count("Worse") == 1, asked
