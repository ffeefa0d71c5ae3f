"""A gateway with a real database, and an engine that nobody can reach."""

import shutil
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from email.parser import BytesParser
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from stipple.gateway import reach
from stipple.gateway.app import create_app
from stipple.records.conversations import add_message, issue_link
from stipple.records.database import Database, upgrade
from stipple.records.demo import ensure_clinic
from stipple.records.models import Clinic, Conversation, Message, Patient
from stipple.sealing import new_key
from stipple.settings import Settings
from stipple.stack.supervise import free_ports
from tests.fixtures import no_settings
from tests.small_content import write_small_content

__all__ = ["no_settings"]

COOKIE = "stipple_sign_in"
# Staff are told at once; this long a busy machine may take.
MAIL_SECONDS = 10


@dataclass
class Gateway:
    """A running gateway as a browser sees it, and its database."""

    browser: httpx.Client
    database: Database
    settings: Settings
    new_browser: Callable[[], httpx.Client]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, text: str = "Hello", **more: Any) -> httpx.Response:
        body = {"text": text, "client_id": f"message-{next(self._numbers)}"} | more
        return self.browser.post("/api/messages", json=body)

    def messages(self) -> list[Message]:
        """Everything logged, oldest first."""
        with self.database.begin() as db:
            return list(db.scalars(select(Message).order_by(Message.id)))

    def conversations(self) -> list[Conversation]:
        with self.database.begin() as db:
            return list(db.scalars(select(Conversation).order_by(Conversation.created_at)))

    def log(self, conversation_id: str, author: str, text: str, **facts: Any) -> None:
        """Log a message as if the gateway had, for instance a reply of the engine's."""
        with self.database.begin() as db:
            add_message(db, conversation_id, author, text, datetime.now(UTC), **facts)

    def link(self, reference: str = "P-1", days: float = 1) -> str:
        """Path of a sign-in link for a new patient, valid for so many days."""
        now = datetime.now(UTC)
        with self.database.begin() as db:
            clinic = db.scalars(select(Clinic)).one()
            patient = Patient(clinic_id=clinic.id, reference=reference, name="Ann Example", created_at=now)
            db.add(patient)
            db.flush()
            return f"/sign-in/{issue_link(db, patient, now + timedelta(days=days))}"


MakeGateway = Callable[..., Gateway]


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

    def wait(self) -> list[Mail]:
        """The mails, as soon as there is one; none when none comes."""
        until = time.monotonic() + MAIL_SECONDS
        while not self.mails and time.monotonic() < until:
            time.sleep(0.05)
        return self.mails


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_content(tmp_path_factory.mktemp("gateway") / "content")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "stipple.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port on which nothing listens and nothing else can start to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def make_gateway(
    no_settings: pytest.MonkeyPatch, template: Path, content: Path, refusing_port: int, tmp_path: Path
) -> Iterator[MakeGateway]:
    """Starts a gateway with the given settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    with ExitStack() as stack:

        def make(**given: Any) -> Gateway:
            if "database_url" not in given:
                # A file does not fall silent, but a busy machine may stand still for longer than a gateway waits.
                no_settings.setattr(reach, "PATIENCE_SECONDS", 5)
            shutil.copy(template, tmp_path / "stipple.db")
            url = f"sqlite:///{tmp_path / 'stipple.db'}"
            own = {"database_url": url, "spool_dir": tmp_path / "spool", "secret_key": new_key()}
            settings = Settings(**{**own, "content_dir": content, "engine_port": refusing_port} | given)
            app = create_app(settings)
            database: Database = app.state.database
            stack.callback(database.engine.dispose)
            with database.begin() as db:
                ensure_clinic(db, app.state.pack.profile)
            address = settings.base_url if settings.public_url else "http://testserver"

            def new_browser() -> httpx.Client:
                return TestClient(app, base_url=address, follow_redirects=False)

            return Gateway(stack.enter_context(new_browser()), database, settings, new_browser)

        yield make


@pytest.fixture
def gateway(make_gateway: MakeGateway) -> Gateway:
    """A gateway in the environment that a clinic first sees."""
    return make_gateway()


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
