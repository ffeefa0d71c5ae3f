"""The patients' pages in a real Chromium: from a search to a changed session, an own rule, and a printed card."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from stipple.records.database import Database
from stipple.records.models import Clinic, Conversation, Course, Patient, Session
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOKS, check, danger, database, email, enter, pages_of

__all__ = ["browser", "database", "email"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture
def reference(database: Database) -> str:
    """A patient of this test's own, on day 2, with one more session booked and an open danger sign."""
    now, mine = datetime.now(UTC), f"B-{secrets.token_hex(4)}"
    talk = danger(database)
    with database.begin() as db:
        clinic = db.scalars(select(Clinic)).one()
        patient = Patient(clinic_id=clinic.id, reference=mine, name="Ann Example", phone="07700 900123", created_at=now)
        patient.risk_factors = ["diabetes"]
        course = Course(number=1, goal="hairline", planned_sessions=3)
        course.sessions.append(Session(number=1, starts_at=now - timedelta(days=2), status="done"))
        course.sessions.append(Session(number=2, starts_at=now + timedelta(days=12), status="planned"))
        patient.courses.append(course)
        db.add(patient)
        db.flush()
        db.get_one(Conversation, talk).patient_id = patient.id
    return mine


def find(page: Page, reference: str) -> None:
    """Search for the patient and open their page."""
    page.get_by_role("link", name="Patients").click()
    page.get_by_label("Name, reference or phone number").fill(reference)
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="Ann Example").click()
    expect(page.get_by_role("heading", name="Ann Example")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_patients_page_is_accessible_and_fits(
    browser: Browser, stack: Stack, email: str, reference: str, width: int, scheme: str
) -> None:
    context = pages_of(browser, width, color_scheme=scheme)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    enter(page, stack, email)
    page.get_by_role("link", name="Patients").click()
    check(page, width)
    find(page, reference)
    for summary in page.locator("summary").all():
        summary.click()
    check(page, width)
    own = page.url
    for link in ("Change details", "Add a course", "Add a session", "Add an own rule"):
        page.goto(own)
        page.get_by_role("link", name=link).first.click()
        check(page, width)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("alert")).to_contain_text("fields again")
    check(page, width)
    page.goto(own)
    page.get_by_role("link", name="Change session 1 of course 1").click()
    page.get_by_label("Date").fill((datetime.now(UTC) - timedelta(days=9)).date().isoformat())
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("Healing day today")).to_be_visible()
    check(page, width)
    page.goto(own)
    page.get_by_role("button", name="Make a link and a card").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    check(page, width)
    page.emulate_media(media="print")
    expect(page.get_by_label("The link")).to_be_hidden()
    expect(page.get_by_text("Emergency:")).to_be_visible()
    assert [url for url in asked if not url.startswith(stack.settings.base_url)] == []
    context.close()


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_session_is_moved_and_the_patient_signs_in_with_a_link(
    browser: Browser, stack: Stack, email: str, reference: str, with_script: bool
) -> None:
    context = pages_of(browser, 375, java_script_enabled=with_script)
    page = context.new_page()
    enter(page, stack, email)
    find(page, reference)
    page.get_by_role("link", name="Change session 1 of course 1").click()
    page.get_by_label("Date").fill((datetime.now(UTC) - timedelta(days=9)).date().isoformat())
    page.get_by_role("button", name="Show what changes").click()
    row = page.get_by_role("row", name="Healing day today")
    expect(row).to_contain_text("Day 2")
    expect(row).to_contain_text("Day 9")
    page.get_by_role("button", name="Save this").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_text("Day 9", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("Patient agrees.*Messages with the assistant")).click()
    expect(page.get_by_role("status")).to_contain_text("Noted.")
    page.get_by_role("button", name="Make a link and a card").click()
    expect(page.get_by_role("button", name="Print the card")).to_be_visible(visible=with_script)
    address = page.get_by_label("The link").input_value()
    context.close()
    phone = pages_of(browser, 375).new_page()
    phone.goto(address)
    check(phone, 375)
    phone.get_by_role("button", name="Open the chat").click()
    expect(phone.get_by_label("Your message")).to_be_visible()
    phone.get_by_label("Your message").fill("can i get my head wet")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("You are on day 9 of healing.").first).to_be_visible()
    phone.goto(address)
    expect(phone).not_to_have_url(address)
    phone.context.close()
