"""A gateway with staff accounts and patients in danger, and a member of staff's browser."""

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from stipple.console import passwords
from stipple.console.accounts import add_account
from stipple.records.alerts import raise_alert
from stipple.records.conversations import add_message, start_conversation
from stipple.records.models import Alert, Clinic, Message, Patient
from stipple.records.staff_models import Audit, Staff
from tests.fixtures import no_settings
from tests.gateway.conftest import Gateway, MakeGateway, content, make_gateway, refusing_port, template

__all__ = ["content", "make_gateway", "no_settings", "refusing_port", "template"]

PASSWORD = "a long enough secret"
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
PUS = {"kind": "red_flag", "topic": "pus", "urgency": "doctor", "intent": "screening", "rule_id": "red_flag/pus"}
THROAT = {"kind": "red_flag", "topic": "anaphylaxis", "urgency": "emergency", "intent": "screening"}
LOW = {"kind": "red_flag", "topic": "self_harm_now", "urgency": "crisis", "intent": "screening"}
PERSON = {"kind": "contact", "topic": "person", "intent": "contact/person", "confidence": 0.99}
MISS = {"kind": "ask_back", "topic": "did_you_mean", "intent": "not_understood/did_you_mean", "confidence": 0.3}
WATER = {
    "kind": "aftercare",
    "topic": "water",
    "verdict": "avoid",
    "asked_day": 3,
    "rule_id": "aftercare/water/0-3",
    "wording_version": 2,
    "from_record": True,
    "intent": "aftercare/water",
    "confidence": 0.97,
}


@dataclass
class StaffedClinic:
    """The gateway of a test stack, whose clock the test sets."""

    gateway: Gateway
    now: datetime = NOW
    _browsers: list[httpx.Client] = field(default_factory=list)

    def pass_time(self, **time: float) -> None:
        """Let time pass for every browser."""
        self.now += timedelta(**time)
        for browser in self._browsers:
            browser.headers["X-Stipple-Now"] = self.now.isoformat()

    def browser(self) -> httpx.Client:
        """A browser in which nobody is signed in."""
        browser = self.gateway.new_browser()
        browser.headers["X-Stipple-Now"] = self.now.isoformat()
        self._browsers.append(browser)
        return browser

    def signed_in(self, role: str = "practitioner") -> httpx.Client:
        """A browser in which the member of staff with this role is signed in."""
        browser = self.browser()
        assert enter(browser, f"{role}@clinic.example").status_code == 303
        return browser

    def patient(self, reference: str, name: str = "Ann Example", phone: str | None = "07700 900123") -> str:
        with self.gateway.database.begin() as db:
            clinic = db.scalars(select(Clinic)).one()
            patient = Patient(clinic_id=clinic.id, reference=reference, name=name, phone=phone, created_at=self.now)
            db.add(patient)
            db.flush()
            return patient.id

    def talk(self, *turns: tuple[str, list[dict[str, Any]]], patient: str | None = None, **facts: Any) -> str:
        """A conversation of these messages, each with the trace of its reply; its id."""
        with self.gateway.database.begin() as db:
            conversation = start_conversation(db, "web", self.now, patient)
        for text, trace in turns:
            self.say(conversation.id, text, trace, **facts)
        return conversation.id

    def say(self, conversation_id: str, text: str, trace: list[dict[str, Any]], **facts: Any) -> None:
        """One more message and its reply."""
        facts = {"outcome": "answered"} | facts
        with self.gateway.database.begin() as db:
            asked = add_message(db, conversation_id, "patient", text, self.now)
            add_message(db, conversation_id, "assistant", "A reply", self.now, trace=trace, **facts)
            raise_alert(db, asked, trace, 3, self.now)

    def alerts(self) -> list[Alert]:
        with self.gateway.database.begin() as db:
            return list(db.scalars(select(Alert).order_by(Alert.id)))

    def messages(self, conversation_id: str) -> list[Message]:
        with self.gateway.database.begin() as db:
            found = select(Message).where(Message.conversation_id == conversation_id)
            return list(db.scalars(found.order_by(Message.sequence)))

    def audit(self) -> list[Audit]:
        with self.gateway.database.begin() as db:
            return list(db.scalars(select(Audit).order_by(Audit.id)))

    def actions(self) -> list[str]:
        """What the audit says was done, without the accounts' making."""
        return [row.action for row in self.audit() if row.action != "account_added"]

    def staff(self, role: str) -> Staff:
        with self.gateway.database.begin() as db:
            return db.scalars(select(Staff).where(Staff.role == role)).one()


def csrf_of(response: httpx.Response) -> str:
    """The secret in the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', response.text)
    assert found, "the page has no form"
    return html.unescape(found.group(1))


def enter(browser: httpx.Client, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Fill in the sign-in page."""
    csrf = csrf_of(browser.get("/staff/sign-in"))
    return browser.post("/staff/sign-in", data={"csrf": csrf, "email": email, "password": password} | more)


def post(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Post a form of a signed-in person's page."""
    csrf = csrf_of(browser.get("/staff/account"))
    return browser.post(path, data={"csrf": csrf} | fields)


def words_of(response: httpx.Response) -> str:
    """What a person reads of a page, on one line."""
    body = response.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def staffed(gateway: Gateway, now: datetime = NOW) -> StaffedClinic:
    """The gateway's clinic with one account of each role."""
    with gateway.database.begin() as db:
        for role in ("reviewer", "practitioner", "admin"):
            add_account(db, f"{role}@clinic.example", f"{role.capitalize()} Person", role, PASSWORD, now)
    return StaffedClinic(gateway, now)


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rounds: the tests sign in a hundred times."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def clinic(make_gateway: MakeGateway, quick_passwords: None) -> StaffedClinic:
    """A test stack with one account of each role."""
    return staffed(make_gateway(environment="test"))
