"""From the worst instruction to an approved rewrite, in a real Chromium, by two people."""

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stipple.console.accounts import add_account
from stipple.records.database import Database
from stipple.records.wordings import current_wordings
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOKS, PASSWORD, check, database, enter, pages_of
from tests.whole_stack import Patient

__all__ = ["browser", "database"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture
def rule(database: Database) -> str:
    """An instruction that patients on their second day ask about."""
    with database.begin() as db:
        return next(i for i in sorted(current_wordings(db)) if i.startswith("aftercare/water/0-"))


def person(database: Database, name: str) -> str:
    address = f"{secrets.token_hex(4)}@clinic.example"
    with database.begin() as db:
        add_account(db, address, name, "practitioner", PASSWORD, datetime.now(UTC))
    return address


def opened(browser: Browser, stack: Stack, database: Database, name: str, width: int, **more: Any) -> Page:
    context: BrowserContext = pages_of(browser, width, **more)
    page = context.new_page()
    enter(page, stack, person(database, name))
    return page


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_new_wording_reaches_the_next_patient(
    browser: Browser, stack: Stack, database: Database, rule: str, with_script: bool
) -> None:
    robin = opened(browser, stack, database, "Robin Hart", 1280, java_script_enabled=with_script)
    sam = opened(browser, stack, database, "Sam Lee", 375, java_script_enabled=with_script)
    token = secrets.token_hex(2)
    new = f"Keep your head dry until day 4. Note {token}."
    robin.goto(f"{stack.settings.base_url}/staff/clarity/{rule}")
    robin.get_by_role("link", name="Reword this").click()
    text = robin.get_by_label("Text", exact=True)
    text.fill("Subsequently moisturise affected epidermal areas.")
    if not with_script:
        robin.get_by_role("button", name="Check and keep").click()
    expect(robin.locator("#judged")).to_contain_text("This is too hard to read")
    expect(robin.locator("#judged .bubble").first).to_contain_text("Subsequently moisturise affected")
    expect(robin.locator("#kept")).to_contain_text("Kept as your draft.")
    text.fill(new)
    if with_script:
        expect(robin.locator("#judged .bubble").first).to_contain_text(new)
        expect(text).to_be_focused()
        robin.reload()
        expect(text).to_have_value(new)
    robin.get_by_role("button", name="Propose this").click()
    expect(robin.get_by_role("status")).to_contain_text("Proposed.")
    assert robin.get_by_role("button", name="Approve and publish").count() == 0

    sam.get_by_role("link", name="Wordings").click()
    sam.locator("section", has_text="Waiting for approval").get_by_role("link").last.click()
    expect(sam.locator("ins", has_text=token)).to_be_visible()
    sam.get_by_role("button", name="Approve and publish").click()
    expect(sam.get_by_role("status")).to_contain_text("Patients read it from their next message on.")
    expect(sam.locator(".versions > li").first).to_contain_text(new)

    said = Patient(stack.settings.base_url, {"day": 2}).says("can i get my head wet?")
    assert new in said["text"]
    for page in (robin, sam):
        page.context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_wording_page_is_accessible_and_fits(
    browser: Browser, stack: Stack, database: Database, rule: str, width: int, scheme: Any
) -> None:
    robin = opened(browser, stack, database, "Robin Hart", width, color_scheme=scheme)
    sam = opened(browser, stack, database, "Sam Lee", width, color_scheme=scheme)
    edit = f"{stack.settings.base_url}/staff/wordings/edit/{rule}"
    robin.goto(edit)
    check(robin, width)
    robin.get_by_label("Text", exact=True).fill("Subsequently moisturise affected epidermal areas. It costs £50.")
    robin.get_by_role("button", name="Propose this").click()
    expect(robin.get_by_role("alert")).to_contain_text("Patients cannot be told this yet.")
    check(robin, width)
    robin.goto(f"{stack.settings.base_url}/staff/wordings?q=water")
    check(robin, width)
    robin.goto(edit)
    robin.get_by_label("Text", exact=True).fill(f"Keep your head dry for now. Note {secrets.token_hex(2)}.")
    robin.get_by_role("button", name="Propose this").click()
    expect(robin.get_by_role("heading", name="What would change")).to_be_visible()
    check(robin, width)
    sam.goto(robin.url)
    check(sam, width)
    sam.get_by_role("button", name="Approve and publish").click()
    check(sam, width)
    sam.get_by_role("link", name="Go back to version").first.click()
    expect(sam.get_by_label("Why go back?")).to_be_visible()
    check(sam, width)
    robin.reload()
    expect(robin.get_by_text("Approved by Sam Lee")).to_be_visible()
    check(robin, width)
    for page in (robin, sam):
        page.context.close()


def test_the_keyboard_alone_proposes(browser: Browser, stack: Stack, database: Database, rule: str) -> None:
    robin = opened(browser, stack, database, "Robin Hart", 820)
    robin.goto(f"{stack.settings.base_url}/staff/wordings/edit/{rule}?from=clarity")
    robin.get_by_label("Text", exact=True).focus()
    robin.keyboard.press("Control+A")
    robin.keyboard.type(f"Keep your head dry for now. Note {secrets.token_hex(2)}.")
    for _ in range(3):
        robin.keyboard.press("Tab")
    expect(robin.get_by_role("button", name="Propose this")).to_be_focused()
    robin.keyboard.press("Enter")
    expect(robin.get_by_role("status")).to_contain_text("Proposed.")
    robin.get_by_role("button", name="Take it back and edit it").click()
    expect(robin.get_by_role("status").first).to_contain_text("Withdrawn.")
    robin.context.close()


def test_what_cannot_be_kept_is_told_while_typing(
    browser: Browser, stack: Stack, database: Database, rule: str
) -> None:
    robin = opened(browser, stack, database, "Robin Hart", 375)
    robin.goto(f"{stack.settings.base_url}/staff/wordings/edit/{rule}")
    robin.context.set_offline(True)
    robin.get_by_label("Text", exact=True).fill("Keep it dry.")
    expect(robin.locator("#kept")).to_contain_text("No connection: what you type is not kept yet.")
    robin.context.set_offline(False)
    robin.get_by_label("Text", exact=True).fill("Keep it dry for now.")
    expect(robin.locator("#kept")).to_contain_text("Kept as your draft.")
    robin.context.clear_cookies()
    robin.get_by_label("Text", exact=True).fill("Keep it all dry for now.")
    expect(robin.locator("#kept")).to_contain_text("You are signed out.")
    check(robin, 375)
    robin.context.close()
