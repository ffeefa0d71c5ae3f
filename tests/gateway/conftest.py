"""A gateway with a real database, and an engine that nobody can reach."""

import shutil
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from stipple.gateway.app import create_app
from stipple.records.conversations import add_message, issue_link
from stipple.records.database import Database, upgrade
from stipple.records.demo import ensure_clinic
from stipple.records.models import Clinic, Conversation, Message, Patient
from stipple.sealing import new_key
from stipple.settings import Settings
from tests.fixtures import no_settings
from tests.small_content import write_small_content

__all__ = ["no_settings"]

COOKIE = "stipple_sign_in"


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
