"""A danger sign that is tapped while the database is really unreachable counts like one that is typed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from actions.envelope import button, form_button
from stipple.gateway.reading_in import DROPPED, READ_IN
from stipple.records.models import Alert, Delivery, Message, SignIn
from stipple.settings import ROOT
from tests.gateway.conftest import Gateway, Mailbox, MakeGateway
from tests.gateway.outages import down, look, reply_of, signed_in

CONTENT = ROOT / "data" / "clinic"
KEPT = "I cannot look that up just now. Your message is kept"
BREATH, PUS = "My lips, throat or breath", "Pus, yellow or green fluid, or a bad smell"


class _Engine(BaseHTTPRequestHandler):
    """Answers every message with the same two danger signs, as Rasa's REST channel would."""

    def do_POST(self) -> None:
        buttons = [form_button(BREATH, "breathing"), button(PUS, "red_flag/pus"), button("Sport", "aftercare/gym")]
        body = json.dumps([{"custom": {"text": "Which one?", "buttons": buttons, "answers": []}}]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def engine_port() -> Iterator[int]:
    """Where an engine listens."""
    with HTTPServer(("127.0.0.1", 0), _Engine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def gateway(
    make_gateway: MakeGateway, engine_port: int, relay: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Gateway:
    """With an engine, the shipped content, and a mail relay; the test says when the spool is looked through."""
    monkeypatch.setattr("stipple.gateway.reading_in.LOOK_SECONDS", 3600)
    return make_gateway(environment="test", content_dir=CONTENT, engine_port=engine_port, **relay)


def choice(gateway: Gateway, title: str) -> str:
    """The id of the button with this title, which the engine offers in a new reply."""
    choices = reply_of(gateway.send("Something is wrong"))["choices"]
    return next(c["id"] for c in choices if c["title"] == title)


def alerts(gateway: Gateway) -> list[tuple[str, list[str], str]]:
    """Level, signs and the patient's words of every alert."""
    with gateway.database.begin() as db:
        return [(a.level, a.signs, db.get_one(Message, a.message_id).text) for a in db.scalars(select(Alert))]


def test_an_emergency_is_answered_at_once_mailed_and_raises_its_alert_later(gateway: Gateway, mailbox: Mailbox) -> None:
    signed_in(gateway)
    breath = choice(gateway, BREATH)
    with down(gateway):
        reply = reply_of(gateway.send(text="", choice=breath))
        assert reply["text"].startswith("Call 999 now.")
        assert KEPT not in reply["text"], "nothing but the safety text"
        (mail,) = mailbox.wait()
        assert mail["Subject"].startswith("EMERGENCY")
        assert "can be read when the database is back" in str(mail.get_payload())
    assert look(gateway) == {READ_IN: 1}
    assert alerts(gateway) == [("emergency", ["anaphylaxis"], BREATH)]
    assert gateway.messages()[-1].outcome == "safety"


def test_a_sign_below_an_emergency_is_answered_before_the_fallback(gateway: Gateway, mailbox: Mailbox) -> None:
    signed_in(gateway)
    pus = choice(gateway, PUS)
    with down(gateway):
        safety, kept = reply_of(gateway.send(text="", choice=pus))["text"].split("\n\n")
        assert safety.startswith("See a doctor today")
        assert kept.startswith(KEPT)
        assert mailbox.wait()
    look(gateway)
    assert alerts(gateway) == [("doctor", ["pus"], PUS)]
    assert gateway.messages()[-1].outcome == "fallback"


def test_any_other_choice_is_kept_and_raises_nothing(gateway: Gateway, mailbox: Mailbox) -> None:
    signed_in(gateway)
    sport = choice(gateway, "Sport")
    with down(gateway):
        assert reply_of(gateway.send(text="", choice=sport))["text"].startswith(KEPT)
    assert look(gateway) == {READ_IN: 1}
    assert alerts(gateway) == []
    assert mailbox.mails == []


def test_one_that_was_offered_before_ids_named_their_sign_raises_its_alert_later(gateway: Gateway) -> None:
    signed_in(gateway)
    choices = [{"id": "choice-1", **form_button(BREATH, "breathing")}]
    gateway.log(gateway.conversations()[0].id, "assistant", "Which one?", choices=choices)
    with down(gateway):
        assert reply_of(gateway.send(text="", choice="choice-1"))["text"].startswith(KEPT)
    assert look(gateway) == {READ_IN: 1}
    assert alerts(gateway) == [("emergency", ["anaphylaxis"], BREATH)]
    assert gateway.messages()[-1].trace == [], "the reply did not tell of it"
    with gateway.database.begin() as db:
        assert db.scalars(select(Delivery)).all() == []


def test_one_of_a_browser_whose_sign_in_had_run_out_is_not_dropped(gateway: Gateway) -> None:
    """What was offered belongs to the conversation before, so only the sign is known."""
    signed_in(gateway)
    pus, sport = choice(gateway, PUS), choice(gateway, "Sport")
    with gateway.database.begin() as db:
        signed = db.scalars(select(SignIn)).one()
        before, signed.expires_at = signed.conversation_id, signed.created_at
    with down(gateway):
        gateway.send(text="", choice=pus)
        gateway.send(text="", choice=sport)
    assert look(gateway) == {READ_IN: 1, DROPPED: 1}
    assert alerts(gateway) == [("doctor", ["pus"], PUS)]
    assert gateway.messages()[-1].conversation_id != before
