"""What a patient writes while the database is really unreachable is answered, kept, and read in when it is back."""

import logging
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import OperationalError

from stipple.console.patients import erasing
from stipple.gateway.notifier import Notifier
from stipple.gateway.reading_in import DROPPED, LEFT, READ_IN, UNREADABLE, ReadingIn
from stipple.records import spool as spool_module
from stipple.records.conversations import add_message
from stipple.records.database import upgrade
from stipple.records.models import Alert, Message, Patient, SignIn
from stipple.records.spool import Kept, Spool
from tests.gateway.conftest import COOKIE, Gateway, MakeGateway
from tests.gateway.outages import Cable, down, let_go, look, reply_of, signed_in
from tests.records.conftest import POSTGRES, scratch_postgres

SHIPPED = Path(spool_module.__file__).parents[2] / "data" / "clinic"
URGENT = "there is pus and a bad smell coming from my scalp"
EMERGENCY = "my throat is closing up and i cant breathe"
KEPT, UNSAVED = "Your message is kept. Call 020 7946 0000.", "I could not save your message. Call 020 7946 0000."


def file_of(gateway: Gateway) -> Path:
    return gateway.settings.spool_dir / spool_module.FILE


def said(gateway: Gateway) -> list[tuple[str, str, str]]:
    return [(m.author, m.text, m.outcome) for m in gateway.messages()]


def crashing(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def gateway(make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Its own watch sleeps, so that each test says when the spool is looked through."""
    monkeypatch.setattr("stipple.gateway.reading_in.LOOK_SECONDS", 3600)
    return make_gateway()


def test_a_patients_message_is_read_in_where_it_belongs(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    signed_in(gateway)
    gateway.send("Before")
    with down(gateway):
        reply = reply_of(gateway.send("My secret worry"))
        assert (reply["sequence"], reply["text"]) == (0, KEPT)
        gateway.send("A second one")
        assert stat.S_IMODE(file_of(gateway).stat().st_mode) == 0o600
    assert look(gateway) == {READ_IN: 2}
    assert said(gateway)[2:] == [
        ("patient", "My secret worry", ""),
        ("assistant", KEPT, "fallback"),
        ("patient", "A second one", ""),
        ("assistant", KEPT, "fallback"),
    ]
    assert gateway.messages()[2].client_id == "message-2"
    assert len({m.conversation_id for m in gateway.messages()}) == 1
    assert not file_of(gateway).exists()
    assert "secret" not in caplog.text


def test_it_is_logged_at_the_moment_it_was_sent(make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stipple.gateway.reading_in.LOOK_SECONDS", 3600)
    gateway = make_gateway(environment="test")
    signed_in(gateway)
    with down(gateway):
        gateway.browser.headers["x-stipple-now"] = "2026-06-10T23:58:00+00:00"
        gateway.send("It is nearly midnight")
    look(gateway)
    assert [m.sent_at.isoformat() for m in gateway.messages()] == ["2026-06-10T23:58:00+00:00"] * 2


def test_an_emergency_is_answered_within_a_second_and_raises_its_alert_later(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(environment="test", content_dir=SHIPPED)
    signed_in(gateway)
    gateway.send("Hello")
    with down(gateway):
        started = time.monotonic()
        reply = reply_of(gateway.send(EMERGENCY))
        assert time.monotonic() - started < 1
        assert reply["text"].startswith("Call 999 now.")
    look(gateway)
    with gateway.database.begin() as db:
        (alert,) = db.scalars(select(Alert)).all()
        asked = db.get_one(Message, alert.message_id)
        assert (alert.level, alert.signs, asked.text) == ("emergency", ["anaphylaxis"], EMERGENCY)
    assert gateway.messages()[-1].outcome == "safety"


def test_a_postgresql_server_that_refuses_connections(make_gateway: MakeGateway) -> None:
    with scratch_postgres() as url:
        upgrade(url)
        gateway = make_gateway(database_url=url)
        signed_in(gateway)
        gateway.send("Before")
        admin = create_engine(f"{POSTGRES}postgres", isolation_level="AUTOCOMMIT")
        name = url.rpartition("/")[2]
        with admin.connect() as connection:
            connection.execute(text(f"alter database {name} allow_connections false"))
            connection.execute(
                text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": name}
            )
            assert reply_of(gateway.send(URGENT))["sequence"] == 0
            assert reply_of(gateway.send("Is anybody there?"))["text"] == KEPT
            connection.execute(text(f"alter database {name} allow_connections true"))
        admin.dispose()
        look(gateway)
        assert [m.text for m in gateway.messages() if m.author == "patient"] == ["Before", URGENT, "Is anybody there?"]
        with gateway.database.begin() as db:
            assert db.scalars(select(Alert)).one().level == "doctor"
        let_go(gateway)


def test_a_postgresql_server_that_falls_silent(make_gateway: MakeGateway) -> None:
    with scratch_postgres() as url, Cable("127.0.0.1", 5432) as cable:
        upgrade(url)
        told = make_url(url).set(port=cable.port).render_as_string()
        gateway = make_gateway(environment="test", content_dir=SHIPPED, database_url=told)
        signed_in(gateway)
        gateway.send("Before")
        cable.cut()
        for said in (EMERGENCY, EMERGENCY):
            started = time.monotonic()
            reply = reply_of(gateway.send(said))
            assert time.monotonic() - started < 1
            assert reply["text"].startswith("Call 999 now.")
        cable.mend()
        assert reply_of(gateway.send("Are you back?"))["sequence"] > 0
        assert [m.text for m in gateway.messages() if m.author == "patient"] == [
            "Before",
            EMERGENCY,
            EMERGENCY,
            "Are you back?",
        ]
        let_go(gateway)


def test_what_waits_is_read_in_before_the_sender_is_answered_again(gateway: Gateway) -> None:
    signed_in(gateway)
    with down(gateway):
        gateway.send(URGENT)
    gateway.send("Are you back?")
    assert [m.text for m in gateway.messages() if m.author == "patient"] == [URGENT, "Are you back?"]
    assert not file_of(gateway).exists()


def test_visitors_messages_stay_together_and_come_back_to_their_browser(gateway: Gateway) -> None:
    other = gateway.new_browser()
    with down(gateway):
        gateway.send("First")
        other.post("/api/messages", json={"text": "Somebody else", "client_id": "client-1"})
        gateway.send("Second")
        cookie = gateway.browser.cookies[COOKIE]
        assert cookie.encode() not in file_of(gateway).read_bytes(), "nobody can sign in with what the file holds"
    gateway.send("Third")
    shown = [m["text"] for m in gateway.browser.get("/api/messages").json()["messages"] if m["author"] == "patient"]
    assert shown == ["First", "Second", "Third"]
    look(gateway)
    assert [m["text"] for m in other.get("/api/messages").json()["messages"]] == ["Somebody else", KEPT]


def test_a_browser_whose_sign_in_had_run_out_is_a_visitor(gateway: Gateway) -> None:
    signed_in(gateway)
    with gateway.database.begin() as db:
        signed = db.scalars(select(SignIn)).one()
        patients, signed.expires_at = signed.conversation_id, signed.created_at
    with down(gateway):
        gateway.send("First")
        gateway.send("Second")
    assert look(gateway) == {READ_IN: 2}
    (talk,) = {m.conversation_id for m in gateway.messages()}
    assert talk != patients


def test_a_crash_after_logging_does_not_double_the_message(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway is stopped between the log's commit and taking the message out of the spool."""
    signed_in(gateway)
    with down(gateway):
        gateway.send("First")
        gateway.send(URGENT)
    with monkeypatch.context() as crash:
        crash.setattr(Spool, "remove", crashing)
        with pytest.raises(KeyboardInterrupt):
            read_in_alone(gateway)
    assert len(gateway.messages()) == 2
    assert look(gateway) == {READ_IN: 2}
    assert [m.text for m in gateway.messages() if m.author == "patient"] == ["First", URGENT]
    with gateway.database.begin() as db:
        assert len(db.scalars(select(Alert)).all()) == 1


def test_a_crash_before_logging_loses_nothing(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway is stopped when the patient's message is written, and its reply is not."""
    signed_in(gateway)
    with down(gateway):
        gateway.send("First")
    with monkeypatch.context() as crash:
        crash.setattr("stipple.gateway.reading_in.keep_reply", crashing)
        with pytest.raises(KeyboardInterrupt):
            read_in_alone(gateway)
    assert gateway.messages() == []
    assert look(gateway) == {READ_IN: 1}
    assert [m.text for m in gateway.messages()] == ["First", KEPT]


def read_in_alone(gateway: Gateway) -> None:
    """Read in as another process would, so that its crash stops nothing else."""
    app = gateway.browser.app.state  # type: ignore[attr-defined]
    reading = ReadingIn(
        gateway.database, Spool(gateway.settings.spool_dir), app.packs, Notifier(gateway.database, gateway.settings)
    )
    for row in app.spool.waiting():
        reading._read_in(row)


def test_a_message_that_was_logged_without_its_reply_gets_it(gateway: Gateway) -> None:
    """The database went down in the middle of the turn, and something else was said before it was read in."""
    signed_in(gateway)
    talk = gateway.conversations()[0].id
    gateway.log(talk, "patient", URGENT, client_id="message-1")
    with down(gateway):
        gateway.send(URGENT)
    gateway.log(talk, "patient", "Hello?", client_id="message-9")
    assert look(gateway) == {READ_IN: 1}
    assert [m.text for m in gateway.messages() if m.author == "patient"] == [URGENT, "Hello?"]
    assert gateway.messages()[-1].text.startswith("See a doctor today.")
    with gateway.database.begin() as db:
        assert db.scalars(select(Alert)).one().level == "doctor"


def test_a_message_sent_again_meanwhile_is_there_once(gateway: Gateway) -> None:
    signed_in(gateway)
    with down(gateway):
        gateway.send("Hello", client_id="client-1")
        gateway.send("Hello", client_id="client-1")
    look(gateway)
    gateway.send("Hello", client_id="client-1")
    assert [m.text for m in gateway.messages()] == ["Hello", KEPT]


def test_a_tapped_choice_is_read_in_with_its_words(gateway: Gateway) -> None:
    signed_in(gateway)
    choices = [{"id": "choice-1", "title": "Talk to a person", "payload": "/contact"}]
    gateway.log(gateway.conversations()[0].id, "assistant", "What now?", choices=choices)
    with down(gateway):
        gateway.send(text="", choice="choice-1")
        gateway.send(text="", choice="choice-2")
    assert look(gateway) == {READ_IN: 1, DROPPED: 1}
    assert [m.text for m in gateway.messages()] == ["What now?", "Talk to a person", KEPT]


@pytest.mark.parametrize("reached", [True, False])
def test_erasing_is_not_undone(gateway: Gateway, tmp_path: Path, reached: bool) -> None:
    """Whether the spool is on the machine that erases, or on another one."""
    signed_in(gateway)
    with down(gateway):
        gateway.send("My secret worry")
    with gateway.database.begin() as db:
        patient = db.scalars(select(Patient)).one()
    spool = Spool(gateway.settings.spool_dir if reached else tmp_path / "elsewhere")
    elsewhere = erasing.Elsewhere("sqlite:////nowhere/engine.db", spool)
    erasing.erase(gateway.database, patient.id, "P-1", patient.created_at, None, elsewhere)
    assert file_of(gateway).exists() != reached
    assert look(gateway) == ({} if reached else {DROPPED: 1})
    assert (gateway.messages(), gateway.conversations()) == ([], [])
    assert not file_of(gateway).exists()


def test_a_conversation_that_was_erased_meanwhile_does_not_come_back(gateway: Gateway) -> None:
    """The database went down within the turn, so that the conversation was known."""
    spool = Spool(gateway.settings.spool_dir)
    told = {"moment": "2026-06-10T09:00:00Z", "channel": "web", "client_id": "client-1", "text": "Hello"}
    rest = {"choice": None, "visitor": False, "reply": KEPT, "trace": [], "outcome": "fallback"}
    spool.add("conversation:gone", Kept.model_validate(told | rest))
    assert look(gateway) == {DROPPED: 1}
    assert gateway.conversations() == []


def test_a_line_that_cannot_be_read_is_kept_aside_without_its_words(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in(gateway)
    with down(gateway):
        for words in ("My secret worry", "Another"):
            gateway.send(words)
    with closing(sqlite3.connect(file_of(gateway))) as file, file:
        file.execute("update waiting set content = substr(content, 1, 120) where id = 1")
    assert look(gateway) == {UNREADABLE: 1, READ_IN: 1}
    assert look(gateway) == {}
    assert [m.text for m in gateway.messages()] == ["Another", KEPT]
    with closing(sqlite3.connect(file_of(gateway))) as file:
        assert "secret" in file.execute("select content from waiting").fetchone()[0]
    assert "cannot be read and is left there" in caplog.text
    assert "secret" not in caplog.text


def test_one_that_cannot_be_logged_keeps_back_its_sender_alone(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(gateway)
    other = gateway.new_browser()
    with down(gateway):
        for words in ("Bad", "After it"):
            gateway.send(words)
        other.post("/api/messages", json={"text": "Other", "client_id": "client-1"})

    def refusing(db, conversation_id, author, text, at, **facts):
        if text == "Bad":
            raise ValueError(text)
        return add_message(db, conversation_id, author, text, at, **facts)

    with monkeypatch.context() as refused:
        refused.setattr("stipple.gateway.reading_in.add_message", refusing)
        assert look(gateway) == {LEFT: 2, READ_IN: 1}
    assert look(gateway) == {READ_IN: 2}
    assert [m.text for m in gateway.messages() if m.author == "patient"] == ["Other", "Bad", "After it"]


def test_while_the_database_is_still_down_everything_stays(gateway: Gateway) -> None:
    with down(gateway):
        gateway.send("Hello")
        with pytest.raises(OperationalError):
            look(gateway)
        assert file_of(gateway).exists()
    assert look(gateway) == {READ_IN: 1}


def test_when_it_cannot_be_kept_the_patient_is_told_so(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    gateway.settings.spool_dir.write_text("a file stands where the folder should be")
    with down(gateway), caplog.at_level(logging.ERROR):
        assert reply_of(gateway.send("My secret worry"))["text"] == UNSAVED
        assert reply_of(gateway.send(URGENT))["text"].startswith("See a doctor today.")
    assert "is lost: its file cannot be used" in caplog.text
    assert "secret" not in caplog.text


def test_the_gateway_reads_in_by_itself(make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stipple.gateway.reading_in.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("stipple.gateway.reading_in.PAUSE_SECONDS", 0.05)
    gateway = make_gateway()
    with down(gateway):
        gateway.send("Hello")
        time.sleep(0.2)
    until = time.monotonic() + 10
    while len(gateway.messages()) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert [m.text for m in gateway.messages()] == ["Hello", KEPT]
