"""The chat page in a real Chromium, as a patient uses it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from stipple.content.pack import load_pack
from stipple.records.database import Database
from stipple.records.demo import add_demo_patients, demo_links
from stipple.stack.supervise import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PHONE = {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        yield playwright.chromium.launch(executable_path=chromium, args=flags)


@pytest.fixture(scope="module")
def links(stack: Stack) -> dict[str, str]:
    """Sign-in addresses of the demo patients, by stage."""
    now = datetime.now(UTC)
    with Database(stack.settings.database_url).begin() as db:
        add_demo_patients(db, load_pack(stack.settings.content_dir).profile, now)
        return {stage: f"{stack.settings.base_url}/sign-in/{token}" for stage, token in demo_links(db, now)}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def test_patient_on_day_2_reads_the_rule_for_day_3(page: Page, links: dict[str, str]) -> None:
    page.goto(links["day 2"])
    page.get_by_label("Your message").fill("can I wash my hair tomorrow?")
    page.get_by_role("button", name="Send").click()
    reply = page.locator(".message.assistant").last
    expect(reply).to_contain_text("day 3 of healing")
    expect(page.locator(".message.patient .author").last).to_have_text("You")
    expect(reply.locator(".author")).to_have_text("Assistant")


def test_buttons_answer_and_a_reload_keeps_the_conversation(page: Page, links: dict[str, str]) -> None:
    page.goto(links["day 5, between sessions"])
    page.get_by_label("Your message").fill("can i go swimming?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".message.assistant").last).to_contain_text("Why:")
    said = page.locator(".message").count()
    page.reload()
    expect(page.locator(".message")).to_have_count(said)


def test_what_was_sent_while_nothing_could_be_stored_takes_its_place_later(
    page: Page, links: dict[str, str], stack: Stack
) -> None:
    page.goto(links["day 0"])
    field, bubbles = page.get_by_label("Your message"), page.locator(".message .bubble")
    with closing(sqlite3.connect(stack.settings.database_url.removeprefix("sqlite:///"))) as other:
        other.execute("begin immediate")
        field.fill("may i wear my cap outside?")
        page.keyboard.press("Enter")
        expect(bubbles.last).to_contain_text("Your message is kept")
        other.rollback()
    field.fill("thank you")
    page.keyboard.press("Enter")
    expect(bubbles).to_have_count(4)
    shown = bubbles.all_inner_texts()
    assert shown[0] == "may i wear my cap outside?"
    assert "Your message is kept" in shown[1]
    assert shown[2] == "thank you"


def test_page_fits_a_phone_and_asks_no_third_party(page: Page, links: dict[str, str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(links["day 12"])
    expect(page.locator("#who")).to_contain_text("You are signed in")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    origin = links["day 12"].split("/sign-in/")[0]
    assert [url for url in asked if not url.startswith(origin)] == []


def test_expired_link_says_so(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.settings.base_url}/sign-in/not-a-link")
    expect(page.locator("#status")).to_contain_text("no longer works")
