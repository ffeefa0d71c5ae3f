"""The reports and the clarity pages in a real Chromium, as a practitioner uses them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from stipple.content.pack import load_pack
from stipple.records.database import Database
from stipple.records.models import Patient
from stipple.records.simulated import simulate
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOKS, check, database, email, enter, pages_of

__all__ = ["browser", "database", "email"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
SEED = 11


@pytest.fixture
def simulated(stack: Stack, database: Database) -> None:
    """Patients enough for colours, trends and every table."""
    with database.begin() as db:
        if db.scalar(select(Patient.id).where(Patient.reference == f"SIM{SEED}-1")) is None:
            pack = load_pack(stack.settings.content_dir)
            simulate(db, pack, 600, SEED, datetime.now(UTC) - timedelta(minutes=1), lambda _: None, 20)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_reports_and_clarity_are_accessible_and_lead_to_the_words(
    browser: Browser, stack: Stack, email: str, simulated: None, width: int, scheme: Any
) -> None:
    context = pages_of(browser, width, color_scheme=scheme, java_script_enabled=True)
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enter(page, stack, email)
    page.get_by_role("link", name="Reports").click()
    check(page, width)
    expect(page.get_by_role("heading", name="Danger signs")).to_be_visible()
    page.get_by_role("link", name="Clarity").click()
    check(page, width)
    page.get_by_role("link", name="All instructions by healing day").click()
    check(page, width)
    page.locator("td a").first.click()
    expect(page.get_by_role("heading", name="In the patients' own words")).to_be_in_viewport()
    check(page, width)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("heading", name="The last 12 weeks")).to_be_attached()
    expect(page.locator("details.alike").first).to_be_attached()
    check(page, width)
    assert errors == []
    context.close()


def test_another_month_is_chosen_and_saved_without_script(
    browser: Browser, stack: Stack, email: str, simulated: None
) -> None:
    context = pages_of(browser, 375, java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    enter(page, stack, email)
    page.goto(f"{stack.settings.base_url}/staff/reports")
    page.get_by_label("Month").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    month = page.get_by_label("Month").input_value()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Report of {datetime.strptime(month, '%Y-%m'):%B %Y}")  # noqa: DTZ007
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save everything as a file").click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert saved.value.suggested_filename == f"stipple-report-{month}-all.csv"
    assert text.startswith("Conversations and patients")
    assert "Answered without staff" in text
    context.close()
