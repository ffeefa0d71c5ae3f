"""Days that a patient names over several messages: put right, carried on, counted, and told by a visitor."""

from typing import Any

import pytest

from stipple.stack.supervise import Stack
from tests.whole_stack import Patient, told

pytestmark = pytest.mark.stack
# Now is Wednesday 10 June 2026.
DAY_2 = {"day": 2, "done": 1, "planned": 3, "final": False, "next_in": 10}


def days(reply: dict[str, Any]) -> list[int]:
    return [item["asked_day"] for item in told(reply, "aftercare")]


@pytest.fixture
def patient(stack: Stack) -> Patient:
    return Patient(stack.settings.base_url, DAY_2)


@pytest.fixture
def visitor(stack: Stack) -> Patient:
    return Patient(stack.settings.base_url, None)


def test_a_day_that_is_put_right_is_the_one_that_is_answered_for(patient: Patient) -> None:
    assert days(patient.says("can i use shampoo on the 16th, no the 17th sorry")) == [9]


def test_two_days_with_different_rules_are_both_answered(patient: Patient) -> None:
    assert days(patient.says("can i use shampoo tomorrow or on the 18th?")) == [3, 10]


def test_a_further_question_is_for_the_day_that_was_asked_about(patient: Patient) -> None:
    assert days(patient.says("can i go to the gym on saturday?")) == [5]
    assert days(patient.says("and shampoo?")) == [5]
    assert days(patient.says("can i wear a hat?")) == [2]


def test_what_holds_back_a_late_day_is_said(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, {**DAY_2, "day": 30, "done": 2, "next_in": 3})
    assert "Our record says that you have 1 to go" in patient.says("can i swim?")["text"]


def test_a_session_on_another_day_than_the_records_is_said_to_be_another(patient: Patient) -> None:
    reply = patient.says("i had it done on saturday, can i use shampoo?")
    assert "In our record your last session was on Monday 8 June" in reply["text"]
    assert days(reply) == [2]


def test_a_visitor_puts_their_session_right_and_is_told_what_day_it_is(visitor: Patient) -> None:
    visitor.says("had my session on monday, can i use shampoo?")
    assert days(visitor.says("oh no sorry it was sunday not monday")) == [3]
    assert (
        "You told me Sunday 7 June. So today is day 3." in visitor.says("how many days is it since my session")["text"]
    )


def test_a_date_that_cannot_be_read_is_asked_for_in_other_words(visitor: Patient) -> None:
    visitor.says("can i use shampoo?")
    assert "Please type the day" in visitor.says("on the bank holiday, can i use shampoo now")["text"]


def test_the_session_after_the_next_one_is_told_too(patient: Patient) -> None:
    reply = patient.says("when is my next session, and the one after that?")
    assert "After that one none is booked yet" in reply["text"]
    assert "from Tuesday 30 June to Saturday 4 July" in reply["text"]
