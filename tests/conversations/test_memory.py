"""What a conversation remembers, however long it is and whatever is started again."""

import sqlite3
from contextlib import closing

import pytest

from stipple.stack.supervise import Stack
from tests.whole_stack import Patient, told

pytestmark = pytest.mark.stack
DAY_5 = {"day": 5, "done": 1, "planned": 3, "final": False, "next_in": 9}


def kept_state(stack: Stack, patient: Patient) -> str:
    """What the engine keeps of the conversation."""
    with closing(sqlite3.connect(stack.settings.engine_database_url.removeprefix("sqlite:///"))) as db:
        rows = db.execute("select state from dialogue_state where conversation_id = ?", [patient.conversation])
        (state,) = [row[0] for row in rows]
    return str(state)


def test_the_next_day_goes_on_where_the_patient_left_even_after_a_restart(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, None)
    patient.says("would this treatment suit me?")
    stack.stop_program("engine")
    stack.start_program("engine")
    stack.wait_ready(print)
    patient.client.headers["x-stipple-now"] = "2026-06-11T18:30:00+01:00"
    reply = patient.says("it runs in the family")
    assert told(reply, "ask_back")[0]["topic"] == "temporary"


def test_a_long_conversation_leaves_no_longer_state(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, DAY_5)
    patient.says("can i swim?")
    short = len(kept_state(stack, patient))
    for _ in range(12):
        patient.says("can i wear a hat?")
    patient.says("can i swim?")
    assert len(kept_state(stack, patient)) <= 1.1 * short
    assert told(patient.says("why?"), "aftercare")[0]["topic"] == "swimming"


def test_the_engine_keeps_no_words_of_the_patient(stack: Stack) -> None:
    patient = Patient(stack.settings.base_url, DAY_5)
    patient.says("my budgerigar xylophone asks: can i swim?")
    assert "xylophone" not in kept_state(stack, patient)
