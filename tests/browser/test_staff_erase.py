"""Export and erase in a real Chromium: an admin saves everything of a patient, then erases them."""

import secrets
import zipfile
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from stipple.console.accounts import add_account
from stipple.records import alerts
from stipple.records.database import Database
from stipple.records.models import Conversation, Patient
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOKS, PASSWORD, SAID, check, database, email, enter, pages_of
from tests.browser.test_staff_patients import find, reference

__all__ = ["browser", "database", "email", "reference"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_an_admin_saves_everything_and_erases(
    browser: Browser, stack: Stack, database: Database, email: str, reference: str, width: int, scheme: str
) -> None:
    admin = f"{secrets.token_hex(4)}@clinic.example"
    with database.begin() as db:
        add_account(db, admin, "Alex Lead", "admin", PASSWORD, datetime.now(UTC))
    context = pages_of(browser, width, color_scheme=scheme, java_script_enabled=True, accept_downloads=True)
    page = context.new_page()
    enter(page, stack, admin)
    find(page, reference)
    check(page, width)
    page.get_by_role("link", name="Erase this patient").click()
    expect(page.get_by_text("A danger sign is open: Doctor today.").first).to_be_visible()
    expect(page.get_by_role("button", name="Erase this patient for good")).to_have_count(0)
    check(page, width)
    with database.begin() as db:
        talk = db.scalars(select(Conversation.id).join(Patient).where(Patient.reference == reference)).one()
        alerts.close(alerts.open_alerts(db)[0], "Test", "called her", datetime.now(UTC))
    page.reload()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download everything").click()
    with zipfile.ZipFile(saved.value.path()) as archive:
        readable = archive.read("conversations.html").decode()
    assert SAID in readable
    shown = context.new_page()
    shown.set_content(readable)
    check(shown, width)
    shown.close()
    page.get_by_label("Type the reference of this patient").fill("something else")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This is not the reference of this patient.")
    expect(page.get_by_label("Type the reference of this patient")).to_have_value("something else")
    check(page, width)
    page.get_by_label("Type the reference of this patient").fill(reference)
    page.get_by_role("button", name="Erase this patient for good").click()
    expect(page.locator(".notice")).to_contain_text("The patient is erased.")
    check(page, width)
    page.goto(f"{stack.settings.base_url}/staff/conversations/{talk}")
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    page.goto(f"{stack.settings.base_url}/staff/patients/leftovers")
    expect(page.get_by_role("heading", name="Erased everywhere")).to_be_visible()
    check(page, width)
    context.close()
