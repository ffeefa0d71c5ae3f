"""A danger sign reaches staff by mail through a real relay, and keeps its hold on the conversation."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stipple.care.levels import most_urgent
from stipple.content.pack import Pack
from stipple.gateway.engine import Reply
from stipple.gateway.notifier import Notifier
from stipple.gateway.safety import beyond_suspicion, ensured, watched
from stipple.records.alerts import open_alerts, raise_alert, take
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.screening.screen import Danger, Screening
from stipple.settings import Settings
from tests.fixtures import pack
from tests.gateway.conftest import Mailbox, MakeGateway

__all__ = ["pack"]
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
PUS = {"kind": "red_flag", "topic": "pus", "urgency": "doctor"}
SAID = "there is pus and a bad smell coming from my scalp"
GREETING = {"kind": "smalltalk", "topic": "thanks"}
HAT = {"kind": "aftercare", "topic": "hat", "verdict": "ok"}


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database with one danger sign that nobody has taken."""
    shutil.copy(template, tmp_path / "alerts.db")
    found = Database(f"sqlite:///{tmp_path / 'alerts.db'}")
    with found.begin() as db:
        asked = add_message(db, start_conversation(db, "web", NOW).id, "patient", SAID, NOW)
        raise_alert(db, asked, [PUS], 4, NOW)
    yield found
    found.engine.dispose()


@pytest.fixture
def notifier(database: Database, relay: dict[str, str], no_settings: pytest.MonkeyPatch) -> Notifier:
    return Notifier(database, Settings(**relay))


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_staff_are_told_without_the_patients_words(notifier: Notifier, mailbox: Mailbox) -> None:
    assert notifier.tell_due(after(0)) == 1
    (mail,) = mailbox.mails
    assert mail["To"] == "desk@clinic.example, night@clinic.example"
    assert mail["Subject"] == "Danger sign: a patient was told to see a doctor today"
    content = str(mail.get_payload())
    assert "doctor, since 2026-06-10 09:00 UTC, healing day 4" in content
    assert "pus" not in content


def test_staff_are_told_again_until_somebody_takes_it(notifier: Notifier, database: Database, mailbox: Mailbox) -> None:
    assert [notifier.tell_due(after(minutes)) for minutes in (0, 5, 10)] == [1, 0, 1]
    with database.begin() as db:
        take(open_alerts(db)[0], "Robin", after(11))
    assert notifier.tell_due(after(60)) == 0
    assert len(mailbox.mails) == 2


def test_a_mail_that_the_relay_refuses_is_tried_again(notifier: Notifier, mailbox: Mailbox) -> None:
    mailbox.refuses = True
    assert notifier.tell_due(after(0)) == 0
    mailbox.refuses = False
    assert notifier.tell_due(after(1)) == 1
    assert len(mailbox.mails) == 1


def test_a_message_of_a_patient_reaches_staff_by_mail(
    make_gateway: MakeGateway, relay: dict[str, str], mailbox: Mailbox
) -> None:
    make_gateway(environment="test", **relay).send(SAID)
    assert mailbox.wait()


def test_an_answered_emergency_keeps_its_level_on_the_conversation(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test", content_dir=Settings().content_dir)
    gateway.send("my throat is closing up and i cant breathe")
    later = gateway.send("ok thanks").json()["messages"][-1]
    assert later["text"].startswith("If you have not called 999 yet, please call now.")


@pytest.mark.parametrize("level", ["emergency", "crisis"])
def test_nothing_cheerful_follows_an_emergency(pack: Pack, level: str) -> None:
    reply = watched(Reply("You are welcome!", [{"title": "Bye", "payload": "/smalltalk"}], [GREETING]), level, pack)
    assert "welcome" not in reply.text
    assert "999" in reply.text
    assert reply.buttons == []


def test_a_question_after_an_emergency_is_answered_after_the_reminder(pack: Pack) -> None:
    reply = watched(Reply("A hat is fine.", [], [HAT]), "emergency", pack)
    assert reply.text.endswith("\n\nA hat is fine.")
    assert "999" in reply.text.split("\n\n")[0]


def test_whoever_was_sent_to_a_doctor_is_not_told_of_flights_alone(pack: Pack) -> None:
    reply = watched(Reply("You can fly.", [], [HAT]), "doctor", pack)
    assert reply.text == "If you have not talked to 111 about it yet, please do that today.\n\nYou can fly."
    seen = Reply("Good that they know.", [], [{"kind": "followup", "topic": "seen"}])
    assert watched(seen, "doctor", pack) is seen


@pytest.mark.parametrize("level", ["normal", "clinic"])
def test_below_a_doctors_sign_replies_stay_as_they_are(pack: Pack, level: str) -> None:
    reply = Reply("A hat is fine.", [], [HAT])
    assert watched(reply, level, pack) is reply


def test_a_crisis_ranks_with_an_emergency() -> None:
    assert most_urgent(["doctor", "crisis", "emergency"]) == "crisis"
    assert most_urgent([]) == "normal"


def test_a_danger_sign_that_a_form_passes_over_is_answered_first(pack: Pack) -> None:
    found = Screening((Danger("pus", "doctor", 0.9),))
    reply = ensured(Reply("How old are you?", [], [{"kind": "ask_back", "topic": "age"}]), found, pack)
    assert reply.text.startswith("See a doctor today.")
    assert reply.text.endswith("How old are you?")
    assert [t["kind"] for t in reply.trace] == ["red_flag", "ask_back"]


def test_a_danger_sign_that_the_engine_answered_is_not_told_twice(pack: Pack) -> None:
    found = Screening((Danger("pus", "doctor", 0.9),))
    reply = Reply("See a doctor.", [], [{"kind": "red_flag", "topic": "pus", "urgency": "doctor"}])
    assert ensured(reply, found, pack) is reply


@pytest.mark.parametrize(
    ("level", "probability", "raised"),
    [("emergency", 0.3, False), ("crisis", 0.3, False), ("emergency", 0.9, True), ("doctor", 0.3, True)],
)
def test_after_an_emergency_what_is_merely_suspected_raises_no_second_safety_text(
    level: str, probability: float, raised: bool
) -> None:
    found = Screening((Danger("suicidal_thoughts", "crisis", probability),), probability=probability)
    assert beyond_suspicion(found, level).stands_alone is raised
