"""Alerts: one open for each conversation, told again until taken, and the level kept until closed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stipple.records import alerts
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Alert, Message

from .conftest import NOW

REPEAT = timedelta(minutes=10)
PUS = {"kind": "red_flag", "topic": "pus", "urgency": "doctor"}
THROAT = {"kind": "red_flag", "topic": "anaphylaxis", "urgency": "emergency"}
ITCH = {"kind": "healing_sign", "topic": "itch", "urgency": "normal"}
HAT = {"kind": "aftercare", "topic": "hat", "verdict": "ok"}

Ask = Callable[[], Message]


@pytest.fixture
def ask(database: Database) -> Ask:
    """Logs a patient's message, always in the same conversation."""
    with database.begin() as db:
        conversation = start_conversation(db, "web", NOW)

    def log() -> Message:
        with database.begin() as db:
            return add_message(db, conversation.id, "patient", "Something is wrong", NOW)

    return log


def raised(database: Database, asked: Message, *trace: dict[str, Any]) -> Alert | None:
    with database.begin() as db:
        return alerts.raise_alert(db, asked, list(trace), 3, NOW)


def due(database: Database, minutes: float) -> list[str]:
    with database.begin() as db:
        return [a.level for a in alerts.claim_due_alerts(db, NOW + timedelta(minutes=minutes), REPEAT)]


def test_an_everyday_answer_raises_nothing(database: Database, ask: Ask) -> None:
    assert raised(database, ask(), HAT, ITCH) is None


def test_a_doctors_healing_sign_raises_an_alert_as_a_danger_sign_does(database: Database, ask: Ask) -> None:
    alert = raised(database, ask(), ITCH | {"urgency": "doctor"}, HAT)
    assert alert is not None
    assert (alert.level, alert.signs, alert.healing_day) == ("doctor", ["itch"], 3)


def test_a_second_sign_of_the_same_level_joins_the_open_alert(database: Database, ask: Ask) -> None:
    first = raised(database, ask(), PUS)
    second = raised(database, ask(), PUS | {"topic": "fever"})
    assert first
    assert second
    assert (second.id, second.signs, second.message_id) == (first.id, ["pus", "fever"], first.message_id)


def test_a_taken_alert_must_be_taken_again_when_its_level_rises(database: Database, ask: Ask) -> None:
    raised(database, ask(), PUS)
    assert due(database, 0) == ["doctor"]
    with database.begin() as db:
        alerts.take(alerts.open_alerts(db)[0], "Robin", NOW)
    worse = ask()
    alert = raised(database, worse, THROAT)
    assert alert
    assert (alert.level, alert.taken_by, alert.message_id) == ("emergency", None, worse.id)
    assert due(database, 1) == ["emergency"]


def test_staff_are_told_at_once_and_again_until_somebody_takes_it(database: Database, ask: Ask) -> None:
    raised(database, ask(), PUS)
    assert [due(database, minutes) for minutes in (0, 5, 10, 19, 20)] == [["doctor"], [], ["doctor"], [], ["doctor"]]
    with database.begin() as db:
        alerts.take(alerts.open_alerts(db)[0], "Robin", NOW)
    assert due(database, 60) == []


def test_the_level_stays_until_it_is_closed(database: Database, ask: Ask) -> None:
    alert = raised(database, ask(), THROAT)
    assert alert
    with database.begin() as db:
        found = alerts.find_open(db, alert.id)
        alerts.take(found, "Robin", NOW)
        assert alerts.open_alert(db, alert.conversation_id) is found
        alerts.close(found, "Robin", "called back", NOW)
    with database.begin() as db:
        assert alerts.open_alert(db, alert.conversation_id) is None
        with pytest.raises(alerts.UnknownAlertError, match=f"no open alert has the number {alert.id}"):
            alerts.find_open(db, alert.id)


def test_who_says_to_be_in_no_danger_is_believed_until_the_next_safety_text(database: Database, ask: Ask) -> None:
    alert = raised(database, ask(), THROAT)
    assert alert

    def replied(outcome: str, *trace: dict[str, Any]) -> bool:
        with database.begin() as db:
            add_message(db, alert.conversation_id, "assistant", "…", NOW, outcome=outcome, trace=list(trace))
            return alerts.is_denied(db, alerts.find_open(db, alert.id))

    assert not replied("safety", THROAT)
    assert replied("answered", {"kind": "feedback", "topic": alerts.FALSE_ALARM})
    assert replied("answered", HAT)
    assert not replied("answered", PUS)
    assert replied("answered", {"kind": "followup", "topic": alerts.SEEN})
    assert not replied("answered", PUS)
    assert replied("answered", {"kind": "feedback", "topic": alerts.FALSE_ALARM}, HAT)
    assert not replied("safety", THROAT)


def test_the_inbox_shows_the_most_urgent_first_and_the_taken_last(database: Database) -> None:
    for number, sign in enumerate((PUS, THROAT, PUS, THROAT)):
        with database.begin() as db:
            conversation = start_conversation(db, "web", NOW)
            asked = add_message(db, conversation.id, "patient", "Help", NOW)
            alert = alerts.raise_alert(db, asked, [sign], None, NOW + timedelta(minutes=number))
            if alert and number == 1:
                alerts.take(alert, "Robin", NOW)
    with database.begin() as db:
        found = [(a.level, a.taken_by) for a in alerts.open_alerts(db)]
    assert found == [("emergency", None), ("emergency", "Robin"), ("doctor", None), ("doctor", None)]
