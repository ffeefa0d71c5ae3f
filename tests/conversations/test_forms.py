"""Live dialogues with the forms, in the ways people really fill them."""

import pytest

from stipple.stack.supervise import Stack
from tests.whole_stack import Patient, told

pytestmark = pytest.mark.stack


@pytest.fixture
def visitor(stack: Stack) -> Patient:
    return Patient(stack.settings.base_url, None)


@pytest.fixture
def patient(stack: Stack) -> Patient:
    return Patient(stack.settings.base_url, {"day": 5, "done": 1, "planned": 3, "final": False, "next_in": 9})


def begin(visitor: Patient) -> dict:
    reply = visitor.says("would this treatment suit me?")
    assert told(reply, "ask_back")[0]["topic"] == "cause"
    return reply


def test_form_ends_in_a_stance_and_a_next_step_and_never_in_a_decision(visitor: Patient) -> None:
    reply = begin(visitor)
    reply = visitor.taps(reply, "It runs in the family")
    reply = visitor.taps(reply, "No")
    reply = visitor.says("type 1 diabetes")
    assert told(reply, "ask_back")[0]["topic"] == "age"
    reply = visitor.says("no, 45 not 54")
    reply = visitor.taps(reply, "Yes")
    stances = {a["topic"]: a["verdict"] for a in told(reply, "eligibility")}
    assert stances == {"diabetes": "doctor_first"}
    assert "Next step:" in reply["text"]
    assert "eligible" not in reply["text"].lower()


def test_second_run_asks_everything_again(visitor: Patient) -> None:
    test_form_ends_in_a_stance_and_a_next_step_and_never_in_a_decision(visitor)
    replies = [begin(visitor)]
    for title in ("It runs in the family", "No", "None", "Skip"):
        replies.append(visitor.taps(replies[-1], title))
    asked = [told(reply, "ask_back")[0]["topic"] for reply in replies]
    assert asked == ["cause", "temporary", "conditions", "age", "shaved_look"]


def test_bad_age_is_asked_again_with_a_reason(visitor: Patient) -> None:
    reply = visitor.taps(begin(visitor), "I do not know")
    reply = visitor.taps(reply, "Not sure")
    reply = visitor.taps(reply, "None")
    reply = visitor.says("old enough")
    assert "as a number" in reply["text"]
    assert told(reply, "ask_back")[0]["topic"] == "age"


def test_digression_is_answered_and_the_form_goes_on(visitor: Patient) -> None:
    begin(visitor)
    reply = visitor.says("what is your phone number?")
    assert told(reply, "contact")[0]["topic"] == "phone"
    assert told(reply, "ask_back")[0]["topic"] == "cause"
    reply = visitor.taps(reply, "It runs in the family")
    assert told(reply, "ask_back")[0]["topic"] == "temporary"


def test_why_do_you_ask(visitor: Patient) -> None:
    begin(visitor)
    reply = visitor.says("why do you ask?")
    assert "It helps us" in reply["text"]
    assert told(reply, "ask_back")[0]["topic"] == "cause"


def test_an_age_that_is_told_with_why_is_kept(visitor: Patient) -> None:
    visitor.taps(visitor.taps(visitor.taps(begin(visitor), "I do not know"), "Not sure"), "None")
    reply = visitor.says("43. why do you need my age")
    assert "It helps us" in reply["text"]
    assert told(reply, "ask_back")[0]["topic"] == "shaved_look"


def test_stop_ends_the_form(visitor: Patient) -> None:
    begin(visitor)
    visitor.says("stop, i don't want to answer these questions")
    reply = visitor.says("what is your phone number?")
    assert told(reply, "ask_back") == []


def test_emergency_in_the_middle_ends_the_form_and_stands_alone(visitor: Patient) -> None:
    begin(visitor)
    reply = visitor.says("my throat is swelling up and i cannot breathe")
    assert reply["text"].startswith("Call 999 now.")
    assert [a["kind"] for a in reply["answers"]] == ["red_flag"]
    assert told(visitor.says("what is your phone number?"), "ask_back") == []


def test_an_emergency_ends_the_form_of_an_engine_that_was_down(stack: Stack, visitor: Patient) -> None:
    begin(visitor)
    stack.stop_program("engine")
    try:
        assert visitor.says("my throat is swelling up and i cannot breathe")["outcome"] == "safety"
    finally:
        stack.start_program("engine")
        stack.wait_ready(print)
    assert told(visitor.says("what is your phone number?"), "ask_back") == []


def finish(visitor: Patient) -> dict:
    """Answer every question; the result says that a doctor must be asked, because of diabetes."""
    reply = visitor.taps(begin(visitor), "It runs in the family")
    visitor.taps(reply, "No")
    reply = visitor.says("type 1 diabetes")
    visitor.says("45")
    reply = visitor.says("yes")
    assert [a["verdict"] for a in told(reply, "eligibility")] == ["doctor_first"]
    return reply


def test_one_answer_can_be_changed_at_the_end(visitor: Patient) -> None:
    reply = visitor.taps(finish(visitor), "Change an answer")
    reply = visitor.taps(reply, "My health")
    assert told(reply, "ask_back")[0]["topic"] == "conditions"
    reply = visitor.taps(reply, "None")
    assert "doctor_first" not in [a["verdict"] for a in told(reply, "eligibility")]


def test_a_changed_mind_in_words_asks_which_answer_is_meant(visitor: Patient) -> None:
    finish(visitor)
    reply = visitor.says("sorry i gave a wrong answer, can i change it")
    assert told(reply, "ask_back")[0]["topic"] == "change"
    assert "My age" in [c["title"] for c in reply["choices"]]


def test_answers_are_read_from_ordinary_words(visitor: Patient) -> None:
    begin(visitor)
    assert told(visitor.says("the second one"), "ask_back")[0]["topic"] == "temporary"
    assert told(visitor.says("no chance, its been years"), "ask_back")[0]["topic"] == "conditions"
    visitor.says("none")
    reply = visitor.says("thirty one. can i swim after it?")
    assert told(reply, "aftercare")[0]["topic"] == "swimming"
    assert [t["topic"] for t in told(reply, "ask_back")][-1] == "shaved_look"
    reply = visitor.says("yeah i already clip it with no guard")
    assert "transplant_scar" in [a["topic"] for a in told(reply, "eligibility")]


def test_conditions_that_do_not_decide_are_named_too(visitor: Patient) -> None:
    assert "Please tell the clinic of this too" in finish(visitor)["text"]


def test_an_earlier_answer_can_be_changed_in_the_middle(visitor: Patient) -> None:
    reply = visitor.taps(begin(visitor), "It runs in the family")
    reply = visitor.says("oops i pressed the wrong button before")
    reply = visitor.taps(reply, "Why I lose hair")
    assert told(reply, "ask_back")[0]["topic"] == "cause"
    reply = visitor.taps(reply, "I do not know")
    assert told(reply, "ask_back")[0]["topic"] == "temporary"


def test_an_age_that_opens_the_form_is_not_asked_for(visitor: Patient) -> None:
    reply = visitor.says("im 34, would this treatment suit me?")
    for tap in ("It runs in the family", "No", "None"):
        reply = visitor.taps(reply, tap)
    assert told(reply, "ask_back")[0]["topic"] == "shaved_look"


def test_answers_are_forgotten_once_the_patient_asks_something_else(visitor: Patient) -> None:
    finish(visitor)
    visitor.says("what is your phone number?")
    reply = visitor.says("sorry i gave a wrong answer, can i change it")
    assert "My age" not in [c["title"] for c in reply["choices"]]


def test_a_visitor_is_not_asked_to_note_a_goal_that_no_record_can_hold(visitor: Patient) -> None:
    reply = visitor.says("can you help me set my goals")
    reply = visitor.taps(reply, next(c["title"] for c in reply["choices"] if "scar" in c["title"].lower()))
    assert told(reply, "ask_back") == []
    assert "I have no record of you here" in reply["text"]


def test_goal_is_stored_on_the_course(patient: Patient) -> None:
    reply = patient.says("can you help me set my goals")
    assert told(reply, "ask_back")[0]["topic"] == "goal"
    reply = patient.taps(reply, next(c["title"] for c in reply["choices"] if "scar" in c["title"].lower()))
    assert told(reply, "ask_back")[0]["topic"] == "save_goal"
    reply = patient.taps(reply, "Yes")
    assert told(reply, "goals") == [{"kind": "goals", "topic": "scar_cover", "value": "saved"}]
    assert told(patient.says("what goal did i set?"), "progress")[0]["value"] == "scar_cover"
