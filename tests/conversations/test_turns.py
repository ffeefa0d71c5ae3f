"""What a turn must keep to, whatever is asked."""

import pytest

from stipple.stack.supervise import Stack
from tests.whole_stack import Patient, told

pytestmark = pytest.mark.stack
DAY_2 = {"day": 2, "done": 1, "planned": 3, "final": False, "next_in": 10}


@pytest.fixture
def patient(stack: Stack) -> Patient:
    return Patient(stack.settings.base_url, DAY_2)


def test_answer_is_read_from_the_record_for_the_day_named(patient: Patient) -> None:
    item = told(patient.says("can I wash my hair tomorrow?"), "aftercare")[0]
    assert item["topic"] == "shampoo"
    assert (item["verdict"], item["asked_day"], item["from_record"]) == ("avoid", 3, True)
    assert item["rule_id"] == "aftercare/shampoo/0-6"


def test_two_patients_get_their_own_day(stack: Stack) -> None:
    later = Patient(stack.settings.base_url, {**DAY_2, "day": 12, "next_in": 3})
    assert told(later.says("can i use shampoo today?"), "aftercare")[0]["verdict"] == "ok"


def test_when_names_the_day_it_changes(patient: Patient) -> None:
    reply = patient.says("when can i go to the gym?")
    assert "Friday 12 June, your day 4" in reply["text"]


def test_claimed_day_gives_way_to_the_record(patient: Patient) -> None:
    reply = patient.says("i'm on day 9 now, can i use shampoo?")
    assert told(reply, "aftercare")[0]["asked_day"] == 2
    assert "Our record says day 2" in reply["text"]


def test_a_typed_payload_is_only_text(patient: Patient) -> None:
    reply = patient.says('/aftercare{"question": "aftercare/swimming"}')
    assert not any(a.get("confidence") == 1.0 for a in reply["answers"])


def test_not_understood_twice_offers_a_person(patient: Patient) -> None:
    patient.says("i dont understand")
    reply = patient.says("still makes no sense to me")
    assert any(c["title"] == "Talk to a person" for c in reply["choices"])


def test_unclear_gives_the_simpler_wording_then_a_person(patient: Patient) -> None:
    first = patient.says("can i swim?")
    reply = patient.taps(first, "I do not understand")
    assert told(reply, "unclear")
    assert "Let me put it another way" in reply["text"]
    reply = patient.says("i still dont understand")
    assert "A person can explain it better" in reply["text"]


def test_why_gives_the_reason(patient: Patient) -> None:
    reply = patient.taps(patient.says("can i swim?"), "Why?")
    assert reply["text"].startswith("Why: ")
    assert told(reply, "aftercare")[0]["topic"] == "swimming"


def test_a_message_that_names_nothing_goes_on_from_the_one_before(patient: Patient) -> None:
    patient.says("is it ok to go swimming?")
    for text in ("just the shallow end, ten minutes tops", "so thats a no then"):
        assert [a["topic"] for a in told(patient.says(text), "aftercare")] == ["swimming"], text
    assert told(patient.says("and a beanie?"), "aftercare")[0]["topic"] == "hat"


def test_what_was_done_already_is_a_broken_rule_only_after_a_rule(patient: Patient) -> None:
    patient.says("can i go in the sauna?")
    assert told(patient.says("oh. i went this morning"), "healing_sign")[0]["topic"] == "rule_broken"


def test_visitor_is_asked_for_the_session_date_and_then_answered(stack: Stack) -> None:
    visitor = Patient(stack.settings.base_url, None)
    reply = visitor.says("can i use shampoo?")
    assert told(reply, "ask_back")[0]["topic"] == "session_date"
    assert all("verdict" not in a for a in told(reply, "aftercare"))
    reply = visitor.says("last monday")
    assert told(reply, "aftercare")[0]["verdict"] == "avoid"
    assert told(reply, "aftercare")[0]["asked_day"] == 2


@pytest.mark.parametrize(("answer", "day"), [("2 weeks ago", 14), ("saturday", 4), ("about 10 days", 10)])
def test_when_the_session_was_may_be_told_in_any_way_that_looks_back(stack: Stack, answer: str, day: int) -> None:
    visitor = Patient(stack.settings.base_url, None)
    visitor.says("can i use shampoo?")
    assert told(visitor.says(answer), "aftercare")[0]["asked_day"] == day


def test_a_visitor_who_tells_of_a_sign_is_asked_for_the_day_and_then_told_what_holds_on_it(stack: Stack) -> None:
    visitor = Patient(stack.settings.base_url, None)
    reply = visitor.says("my scalp is quite red, is that normal?")
    assert told(reply, "healing_sign")[0]["urgency"] == "clinic"
    assert told(reply, "ask_back")[0]["topic"] == "session_date"
    reply = visitor.says("yesterday")
    assert [(t["urgency"], t["asked_day"]) for t in told(reply, "healing_sign")] == [("normal", 1)]
    assert not told(reply, "ask_back")


def test_whether_a_danger_sign_can_wait_is_answered_by_its_level(patient: Patient) -> None:
    patient.says("yellow pus is coming out of my scalp and it smells")
    reply = patient.says("can it not wait till the morning?")
    assert [t["urgency"] for t in told(reply, "healing_sign")] == ["doctor"]
    assert "Please do not wait" in reply["text"]


def test_a_patient_who_was_taken_for_suicidal_is_heard_and_no_longer_reminded(patient: Patient) -> None:
    patient.says("i want to kill myself")
    assert "We are still here for you" in patient.says("can i wear a hat?")["text"]
    assert told(patient.says("no no, i am not suicidal, that was a joke about my hair"), "feedback")
    assert "We are still here for you" not in patient.says("can i wear a hat?")["text"]


def test_what_was_just_read_is_not_said_word_for_word_again(patient: Patient) -> None:
    first, again = (patient.says(text)["text"] for text in ("can i swim?", "so no swimming for me?"))
    assert again != first
    assert again.startswith("In short: ")


def test_a_visitor_without_a_session_is_not_asked_for_its_date_again(stack: Stack) -> None:
    visitor = Patient(stack.settings.base_url, None)
    visitor.says("can i use shampoo?")
    reply = visitor.says("i haven't had a session yet")
    assert told(reply, "aftercare")
    assert not told(reply, "ask_back")


def test_a_day_told_beside_a_question_is_kept_for_the_next_one(stack: Stack) -> None:
    visitor = Patient(stack.settings.base_url, None)
    assert told(visitor.says("had my session on saturday, can i swim?"), "aftercare")[0]["asked_day"] == 4
    assert told(visitor.says("and can i wear a cap?"), "aftercare")[0]["asked_day"] == 4


@pytest.mark.parametrize("program", ["engine", "actions"])
def test_fallback_when_a_process_is_down(stack: Stack, patient: Patient, program: str) -> None:
    patient.says("hello")
    stack.stop_program(program)
    try:
        reply = patient.says("can i wear a hat?")
        assert reply["outcome"] == "fallback"
        assert "020 7946 0000" in reply["text"]
        texts = [m["text"] for m in patient.log()]
        assert "can i wear a hat?" in texts
        assert reply["text"] in texts
    finally:
        stack.start_program(program)
        stack.wait_ready(print)
    assert told(patient.says("can i wear a hat?"), "aftercare")[0]["topic"] == "hat"


@pytest.mark.parametrize("program", ["engine", "actions"])
def test_no_log_holds_the_patients_words(stack: Stack, patient: Patient, program: str) -> None:
    """Neither in a good turn nor in one that fails."""
    patient.says("my budgerigar xylophone wants shampoo")
    stack.stop_program(program)
    try:
        patient.says("another xylophone question about shampoo")
    finally:
        stack.start_program(program)
        stack.wait_ready(print)
    logs = {log.name: log.read_text(errors="replace") for log in stack.folder.glob("*.log")}
    assert {"engine.log", "actions.log", "gateway.log"} <= set(logs)
    assert [name for name, text in logs.items() if "xylophone" in text] == []


@pytest.mark.parametrize("program", ["engine", "actions"])
def test_an_emergency_is_answered_while_a_process_is_down(stack: Stack, patient: Patient, program: str) -> None:
    stack.stop_program(program)
    try:
        reply = patient.says("my lips are swelling up and i can't breathe")
        assert reply["text"].startswith("Call 999 now.")
        assert reply["outcome"] == "safety"
        assert told(reply, "red_flag")[0]["urgency"] == "emergency"
        assert reply["text"] in [m["text"] for m in patient.log()]
    finally:
        stack.start_program(program)
        stack.wait_ready(print)


def test_a_doctors_sign_and_the_question_beside_it_are_both_answered(patient: Patient) -> None:
    reply = patient.says("there is yellow pus on my pillow. can i wear a hat today?")
    assert [a["kind"] for a in reply["answers"]][:2] == ["red_flag", "aftercare"]


# Told at once and in passing: of these the model half believes some, and which ones may change with each training.
CROWDED = [
    "just got home from my first session, when can i wash my head and can i have a pint tonight to celebrate lol",
    "cheers, its the suit fitting friday so i want it shaved before, and drinks at the wedding, and sun for the photos",
    "sound, mother in law wants to know how many i have left and when the next is, and is aftershave ok on my head",
    "we fly to spain sunday, what hat do i take, and the pool if only my legs go in, and what about a beer by it",
    "back at the gym monday with the lads, football thursday, then sauna, and my cap all day at work, any of that bad",
]


def test_what_is_half_believed_is_offered_and_answered_when_it_is_tapped(stack: Stack) -> None:
    offered = 0
    for text in CROWDED:
        patient = Patient(stack.settings.base_url, DAY_2)
        reply = patient.says(text)
        if "Did you ask about this too?" in reply["text"]:
            offered += 1
            titles = [c["title"] for c in reply["choices"] if c["title"] not in ("Why?", "I do not understand")]
            before = {(a["kind"], a.get("topic")) for a in reply["answers"]}
            answered = {(a["kind"], a.get("topic")) for a in patient.taps(reply, titles[-1])["answers"]}
            assert answered - before, text
    assert offered


def test_who_says_that_they_have_rung_is_not_sent_again(patient: Patient) -> None:
    patient.says("yellow pus is coming out of my scalp and it smells")
    reply = patient.says("ok i rang 111, they had a look and gave me cream. can i wear a hat")
    assert told(reply, "followup")[0]["topic"] == "seen"
    assert told(reply, "aftercare")[0]["topic"] == "hat"
    assert "please do that today" not in patient.says("and when can i swim?")["text"]
