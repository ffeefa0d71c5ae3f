"""The staff console in a real Chromium, as a practitioner uses it on a phone, a tablet and a desktop."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stipple.console.accounts import add_account, end_sign_ins, find_account
from stipple.records import alerts
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser

__all__ = ["browser"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
WIDTHS = [375, 820, 1280]
# Whether a page fits depends on the width alone and its contrast on the scheme alone: the phone, which most people have
# in hand, is looked at in both.
LOOKS = [(375, "light"), (375, "dark"), (820, "dark"), (1280, "light")]
PASSWORD = "a long enough secret"
SAID = "there is pus and a bad smell coming from my scalp"
# WCAG 2.2 A and AA, as far as a program can judge them.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOK_MS = 15_000
# Past the choice of whose items to show, and the card's other buttons.
FEW_STEPS = 8


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Database]:
    found = Database(stack.settings.database_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def email(database: Database) -> str:
    """A practitioner of this test's own; every alert of earlier tests is closed."""
    now = datetime.now(UTC)
    address = f"{secrets.token_hex(4)}@clinic.example"
    with database.begin() as db:
        add_account(db, address, "Robin Hart", "practitioner", PASSWORD, now)
        for alert in alerts.open_alerts(db):
            alerts.close(alert, "Test", "from an earlier test", now)
    return address


def enter(page: Page, stack: Stack, email: str) -> None:
    page.goto(f"{stack.settings.base_url}/staff")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def enter_with_a_clock(page: Page, stack: Stack, email: str) -> None:
    """Sign in with a clock that the test turns; until the script has set its timer, that would call nothing."""
    page.clock.install()
    enter(page, stack, email)
    expect(page.locator("#watch")).to_contain_text("Looks for news by itself.")


def danger(database: Database, level: str = "doctor", topic: str = "pus", text: str = SAID) -> str:
    """A danger sign that an unknown visitor raises; the conversation."""
    trace: list[dict[str, Any]] = [{"kind": "red_flag", "topic": topic, "urgency": level, "intent": "screening"}]
    now = datetime.now(UTC)
    with database.begin() as db:
        conversation = start_conversation(db, "web", now)
        asked = add_message(db, conversation.id, "patient", text, now)
        add_message(db, conversation.id, "assistant", "See a doctor today.", now, trace=trace, outcome="safety")
        alerts.raise_alert(db, asked, trace, 3, now)
        return conversation.id


def pages_of(browser: Browser, width: int, **more: Any) -> BrowserContext:
    return browser.new_context(viewport={"width": width, "height": 800}, **more)


def check(page: Page, width: int) -> None:
    """The page is usable for everybody and fits the screen."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_is_accessible_fits_and_asks_no_third_party(
    browser: Browser, stack: Stack, database: Database, email: str, width: int, scheme: Any
) -> None:
    conversation = danger(database)
    danger(database, "crisis", "self_harm_now", "i do not want to live any more")
    context = pages_of(browser, width, color_scheme=scheme)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{stack.settings.base_url}/staff")
    check(page, width)
    page.get_by_label("E-mail address").fill(f"not-{email}")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    check(page, width)
    enter(page, stack, email)
    check(page, width)
    for path in ("conversations", f"conversations/{conversation}", "clarity", "account", "conversations/nothing"):
        page.goto(f"{stack.settings.base_url}/staff/{path}")
        check(page, width)
    page.goto(f"{stack.settings.base_url}/staff")
    page.get_by_role("link", name="Close …").first.click()
    check(page, width)
    assert [url for url in asked if not url.startswith(stack.settings.base_url)] == []
    assert errors == []
    context.close()


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_from_a_patients_words_to_a_closed_danger_sign(
    browser: Browser, stack: Stack, email: str, with_script: bool
) -> None:
    httpx.post(f"{stack.settings.base_url}/api/messages", json={"text": SAID, "client_id": secrets.token_hex(8)})
    context = pages_of(browser, 375, java_script_enabled=with_script)
    page = context.new_page()
    enter(page, stack, email)
    card = page.locator("#dangers > li")
    expect(card).to_contain_text(SAID)
    expect(card).to_contain_text("Doctor today")
    card.get_by_role("button", name="I take this").click()
    expect(card).to_contain_text("Robin Hart looks after this")
    card.get_by_role("link", name="Read").click()
    expect(page.locator(".said.marked")).to_be_in_viewport()
    expect(page.locator(".said.marked")).to_contain_text(SAID)
    page.locator("summary", has_text="Close").click()
    page.get_by_label("Clinical concern").check()
    page.get_by_label("What was done?").fill("Called her, she sees her GP today.")
    page.get_by_role("button", name="Close this danger sign").click()
    expect(page.get_by_text("Closed. Your note is saved.")).to_be_visible()
    expect(page.get_by_text("No danger sign is open.")).to_be_visible()
    context.close()


def test_a_new_danger_sign_appears_and_is_announced_while_the_focus_stays(
    browser: Browser, stack: Stack, database: Database, email: str
) -> None:
    danger(database)
    context = pages_of(browser, 1280)
    page = context.new_page()
    enter_with_a_clock(page, stack, email)
    page.locator("#dangers").get_by_role("link", name="Read").focus()
    danger(database, "emergency", "anaphylaxis", "my throat is closing up")
    page.clock.run_for(LOOK_MS + 100)
    expect(page.locator("#dangers > li").first).to_contain_text("my throat is closing up")
    expect(page.locator("#dangers-count")).to_have_text("2")
    expect(page.locator("#news")).to_contain_text("New danger sign. Emergency: Visitor without a record")
    expect(page).to_have_title("(2) Inbox · Staff of the clinic")
    expect(page.locator("#dangers > li").nth(1).get_by_role("link", name="Read")).to_be_focused()
    context.close()


def test_what_a_colleague_does_shows_and_the_focus_is_not_lost(
    browser: Browser, stack: Stack, database: Database, email: str
) -> None:
    danger(database)
    context = pages_of(browser, 1280)
    page = context.new_page()
    enter_with_a_clock(page, stack, email)
    page.get_by_role("button", name="I take this").focus()
    with database.begin() as db:
        alerts.take(alerts.open_alerts(db)[0], "Sam Lee", datetime.now(UTC))
    page.clock.run_for(LOOK_MS + 100)
    expect(page.get_by_role("button", name="Take over from Sam Lee")).to_be_focused()
    with database.begin() as db:
        alerts.close(alerts.open_alerts(db)[0], "Sam Lee", "called back", datetime.now(UTC))
    page.clock.run_for(LOOK_MS + 100)
    expect(page.get_by_text("No danger sign is open.")).to_be_visible()
    expect(page.locator("#news")).to_have_text("")
    context.close()


def test_a_lost_connection_and_a_lost_sign_in_are_told(
    browser: Browser, stack: Stack, database: Database, email: str
) -> None:
    context = pages_of(browser, 375)
    page = context.new_page()
    enter_with_a_clock(page, stack, email)
    context.set_offline(True)
    page.clock.run_for(LOOK_MS + 100)
    expect(page.locator("#watch")).to_contain_text("No connection since")
    context.set_offline(False)
    page.clock.run_for(LOOK_MS + 100)
    expect(page.locator("#watch")).to_contain_text("Looks for news by itself.")
    with database.begin() as db:
        end_sign_ins(db, find_account(db, email))
    page.clock.run_for(LOOK_MS + 100)
    expect(page.locator("#watch")).to_contain_text("You are signed out")
    check(page, 375)
    context.close()


def test_the_keyboard_alone_does(browser: Browser, stack: Stack, database: Database, email: str) -> None:
    danger(database)
    context = pages_of(browser, 1280)
    page = context.new_page()
    enter(page, stack, email)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    take = page.get_by_role("button", name="I take this")
    for _ in range(FEW_STEPS):
        page.keyboard.press("Tab")
        if take.evaluate("button => button === document.activeElement"):
            break
    expect(take).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dangers > li")).to_contain_text("Robin Hart looks after this")
    context.close()
