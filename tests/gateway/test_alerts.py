"""A danger sign reaches staff by mail through a real relay, and keeps its hold on the conversation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from stipple.care.levels import most_urgent
from stipple.content.pack import Pack
from stipple.gateway.engine import Reply
from stipple.gateway.notifier import Notifier
from stipple.gateway.safety import ensured, watched
from stipple.records.alerts import open_alerts, take
from stipple.screening.screen import Danger, Screening
from stipple.settings import Settings
from stipple.stack.supervise import free_ports
from tests.fixtures import pack
from tests.gateway.conftest import Gateway, MakeGateway

__all__ = ["pack"]
SAID = "there is pus and a bad smell coming from my scalp"
GREETING = {"kind": "smalltalk", "topic": "thanks"}
HAT = {"kind": "aftercare", "topic": "hat", "verdict": "ok"}


class Mailbox:
    """Keeps what the relay is given; refuses it while ``refuses`` is set."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "451 try later"
        assert isinstance(envelope.content, bytes)
        self.mails.append(BytesParser().parsebytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def relay(mailbox: Mailbox) -> Iterator[dict[str, str]]:
    """Settings that lead to a mail relay on this machine."""
    port = free_ports(1)[0]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield {
        "mail_url": f"smtp://127.0.0.1:{port}",
        "mail_from": "stipple@clinic.example",
        "alert_emails": "desk@clinic.example, night@clinic.example",
    }
    controller.stop()


def notifier(gateway: Gateway) -> Notifier:
    return Notifier(gateway.database, gateway.settings)


def now(minutes: float = 0) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def test_staff_are_told_without_the_patients_name_or_words(
    make_gateway: MakeGateway, relay: dict[str, str], mailbox: Mailbox
) -> None:
    gateway = make_gateway(environment="test", **relay)
    gateway.send(SAID)
    notifier(gateway).tell_due(now(11))
    mail = mailbox.mails[-1]
    assert mail["To"] == "desk@clinic.example, night@clinic.example"
    assert mail["Subject"] == "Danger sign: a patient was told to see a doctor today"
    content = str(mail.get_payload())
    assert "doctor, since" in content
    assert "pus" not in content


def test_a_mail_that_the_relay_refuses_is_tried_again(
    make_gateway: MakeGateway, relay: dict[str, str], mailbox: Mailbox
) -> None:
    mailbox.refuses = True
    gateway = make_gateway(environment="test", **relay)
    gateway.send(SAID)
    assert notifier(gateway).tell_due(now(30)) == 0
    mailbox.refuses = False
    assert notifier(gateway).tell_due(now(30)) == 1
    assert len(mailbox.mails) == 1


def test_nobody_is_told_of_what_somebody_has_taken(
    make_gateway: MakeGateway, relay: dict[str, str], mailbox: Mailbox
) -> None:
    gateway = make_gateway(environment="test", **relay)
    gateway.send(SAID)
    with gateway.database.begin() as db:
        take(open_alerts(db)[0], "Robin", now())
    mailbox.mails.clear()
    assert notifier(gateway).tell_due(now(60)) == 0
    assert mailbox.mails == []


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


@pytest.mark.parametrize("level", ["normal", "clinic", "doctor"])
def test_below_an_emergency_replies_stay_as_they_are(pack: Pack, level: str) -> None:
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
