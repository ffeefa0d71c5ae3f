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


def test_a_visitors_session_to_come_starts_the_days_again(visitor: Patient) -> None:
    visitor.says("had my session on monday, can i use shampoo?")
    visitor.says("my next session is on saturday")
    reply = visitor.says("can i use shampoo on the 16th?")
    assert days(reply) == [3]
    assert "Your session on Saturday 13 June starts the days again." in reply["text"]
    assert days(visitor.says("can i wear a hat on friday?")) == [4]


def test_a_visitor_before_the_first_session_asks_for_a_day_after_it(visitor: Patient) -> None:
    assert days(visitor.says("my first session is on friday, can i go to the gym on sunday?")) == [2]


def test_the_date_of_a_day_of_healing_is_told(patient: Patient) -> None:
    assert (
        "On Sunday 14 June you will be on day 6" in patient.says("what day of healing will i be on on sunday?")["text"]
    )
    reply = patient.says("what date is day 28 of healing for me")["text"]
    assert "Your session on Saturday 20 June starts the days again. On Monday 6 July you will be on day 16" in reply


def test_which_of_two_days_today_is_asks_of_today(patient: Patient) -> None:
    assert "Today is day 2" in patient.says("is today day two or day three for me")["text"]


def test_the_plan_of_a_day_ahead_is_told(patient: Patient) -> None:
    assert (
        "On Friday 12 June you will be on day 4. Here is your plan" in patient.says("whats my plan for friday")["text"]
    )


def test_having_been_seen_is_answered_beside_a_question(patient: Patient) -> None:
    patient.says("there is yellow pus coming out of the dots and it stinks")
    reply = patient.says("rang the doctor and got antibiotics. can i wear a hat?")
    assert [(t["kind"], t.get("topic")) for t in reply["answers"]][-2:] == [("followup", "seen"), ("aftercare", "hat")]
