"""The inbox below the danger signs in a real Chromium: with and without script, by mouse and by single keys."""

import secrets
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete

from stipple.console.accounts import add_account
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Message
from stipple.records.resolution_models import Keeping, Resolution
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOK_MS, LOOKS, PASSWORD, check, danger, database, email, enter, pages_of

__all__ = ["browser", "database", "email"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
MISS = {"kind": "ask_back", "topic": "did_you_mean", "intent": "not_understood/did_you_mean", "confidence": 0.3}


@pytest.fixture(autouse=True)
def nothing_missed(database: Database) -> None:
    """What earlier tests left in the section."""
    with database.begin() as db:
        for table in (Keeping, Resolution):
            db.execute(delete(table))
        for reply in db.query(Message).filter(Message.need.is_not(None)):
            reply.need = None


def missed(database: Database, text: str) -> int:
    """A visitor's message that the assistant did not understand; the number of its reply."""
    now = datetime.now(UTC)
    with database.begin() as db:
        conversation = start_conversation(db, "web", now)
        add_message(db, conversation.id, "patient", text, now)
        return add_message(db, conversation.id, "assistant", "Do you mean …?", now, trace=[MISS], outcome="answered").id


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_an_item_is_assigned_taken_resolved_and_found_again(
    browser: Browser, stack: Stack, database: Database, email: str, with_script: bool
) -> None:
    missed(database, "blorp the wibble")
    with database.begin() as db:
        add_account(db, f"{secrets.token_hex(4)}@clinic.example", "Sam Lee", "reviewer", PASSWORD, datetime.now(UTC))
    context = pages_of(browser, 820, java_script_enabled=with_script)
    page = context.new_page()
    enter(page, stack, email)
    card = page.locator("#missed > li")
    card.get_by_role("link", name="Assign …").click()
    page.get_by_label("Who looks after this?").select_option(label="Sam Lee")
    page.get_by_role("button", name="Assign").click()
    expect(card).to_contain_text("Sam Lee looks after this, asked by Robin Hart")
    card.get_by_role("button", name="Take over from Sam Lee").click()
    expect(card).to_contain_text("You look after this")
    page.get_by_role("link", name="Nobody’s yet").click()
    expect(card).to_have_count(0)
    page.get_by_role("link", name="Mine").click()
    card.get_by_role("link", name="Resolve …").click()
    page.get_by_label("The assistant misunderstood").check()
    page.get_by_label("Note").fill("Means the shower.")
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Resolved. It comes back")).to_be_visible()
    expect(page).to_have_url(f"{stack.settings.base_url}/staff?who=mine&note=resolved")
    expect(card).to_have_count(0)
    page.get_by_role("link", name="What was resolved").click()
    page.get_by_label("Resolved as").select_option(label="The assistant misunderstood")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Read").click()
    expect(page.locator(".judged")).to_be_in_viewport()
    expect(page.locator(".judged")).to_contain_text("The assistant misunderstood by Robin Hart")
    context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_of_it_is_accessible_and_fits(
    browser: Browser, stack: Stack, database: Database, email: str, width: int, scheme: str
) -> None:
    danger(database)
    numbers = [missed(database, f"blorp {n} and a-very-long-word-{'x' * 80}") for n in range(7)]
    context = pages_of(browser, width, color_scheme=scheme)
    page = context.new_page()
    enter(page, stack, email)
    check(page, width)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    check(page, width)
    item = f"items/missed/{numbers[0]}"
    for path in ("?who=mine", "/inbox/missed", f"/{item}/assign", f"/{item}/resolve", "/resolved"):
        page.goto(f"{stack.settings.base_url}/staff{path}")
        check(page, width)
    page.goto(f"{stack.settings.base_url}/staff/{item}/resolve")
    page.get_by_label("Fine").check()
    page.get_by_role("button", name="Resolve").click()
    page.goto(f"{stack.settings.base_url}/staff/resolved")
    check(page, width)
    page.goto(f"{stack.settings.base_url}/staff")
    page.locator("#dangers").get_by_role("link", name="Assign …").click()
    check(page, width)
    context.close()


def test_single_keys_do_what_the_buttons_do_and_can_be_switched_off(
    browser: Browser, stack: Stack, database: Database, email: str
) -> None:
    missed(database, "wibble")
    missed(database, "blorp")
    context = pages_of(browser, 1280)
    page = context.new_page()
    enter(page, stack, email)
    cards, dialog = page.locator("#missed > li"), page.get_by_role("dialog")
    # Shown as soon as the script listens.
    keys = page.get_by_role("button", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    expect(cards.first).to_be_focused()
    page.keyboard.press("j")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("t")
    expect(cards.first).to_contain_text("You look after this")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Resolve")).to_be_visible()
    page.get_by_label("Note").press_sequentially("jkt?ro")
    expect(page.get_by_label("Note")).to_have_value("jkt?ro")
    page.get_by_role("link", name="Back to the inbox").click()
    expect(keys).to_be_visible()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use shortcuts in this browser").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.reload()
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#missed > li:focus")).to_have_count(0)
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    keys.click()
    dialog.get_by_label("Use shortcuts in this browser").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator(".said.patient")).to_contain_text("blorp")
    context.close()


def test_new_items_appear_without_reload_and_the_focus_stays(
    browser: Browser, stack: Stack, database: Database, email: str
) -> None:
    missed(database, "wibble")
    context = pages_of(browser, 1280)
    page = context.new_page()
    page.clock.install()
    enter(page, stack, email)
    page.locator("#missed").get_by_role("link", name="Resolve …").focus()
    for number in range(5):
        missed(database, f"blorp {number}")
    page.clock.run_for(LOOK_MS + 100)
    expect(page.locator("#missed > li").first).to_contain_text("blorp 4")
    expect(page.locator("#missed-count")).to_have_text("6")
    expect(page.get_by_role("link", name="Show all 6")).to_be_visible()
    context.close()
