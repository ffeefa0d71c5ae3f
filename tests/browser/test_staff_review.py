"""Reading conversations back in a real Chromium: finding one, tagging, commenting, giving a verdict."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from stipple.records.clarity import count_reply
from stipple.records.conversations import add_deliveries, add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Wording
from stipple.stack.supervise import Stack
from tests.browser.test_staff import LOOKS, browser, check, database, email, enter, pages_of

__all__ = ["browser", "database", "email"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
RULE = "aftercare/water/0-3"
SHOWN: dict[str, Any] = {
    "kind": "aftercare",
    "topic": "water",
    "verdict": "avoid",
    "asked_day": 2,
    "rule_id": RULE,
    "wording_version": 1,
    "from_record": True,
    "intent": "aftercare/water",
    "confidence": 0.91,
}


def confused(database: Database, lead: int = 15) -> str:
    """A visitor's talk of many messages, in the middle of which an instruction is not understood."""
    now = datetime.now(UTC)
    with database.begin() as db:
        rule = db.scalars(select(Wording.instruction_id).where(Wording.instruction_id.like("aftercare/%"))).first()
        item = SHOWN | {"rule_id": rule or RULE}
        talk = start_conversation(db, "web", now).id
        for number in range(2 * lead):
            said = "is that <b>shampoo</b> fine?" if number == lead else f"question {number}"
            add_message(db, talk, "patient", said, now)
            reply = add_message(db, talk, "assistant", "Not yet, please wait.", now, trace=[item], outcome="answered")
            if number == lead:
                add_deliveries(db, reply, "web")
                add_message(db, talk, "patient", "you lost me completely", now)
                again = {"kind": "unclear", "rule_id": item["rule_id"], "intent": "unclear"}
                reply = add_message(db, talk, "assistant", "Simpler.", now, trace=[again], outcome="answered")
                count_reply(db, reply)
        return talk


def picture(page: Page, name: str, width: int) -> None:
    """Kept for whoever wants to look at the pages."""
    if folder := os.environ.get("STIPPLE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_conversation_is_found_read_and_judged(
    browser: Browser, stack: Stack, database: Database, email: str, width: int, scheme: Any
) -> None:
    talk = confused(database)
    # Without script: everything is a form or a link.
    context = pages_of(browser, width, java_script_enabled=scheme == "light", color_scheme=scheme)
    page = context.new_page()
    look = pages_of(browser, width, color_scheme=scheme, storage_state=None)
    enter(page, stack, email)
    page.get_by_role("link", name="Conversations", exact=True).click()
    page.get_by_label("Words in a message").fill("SHAMPOO fine")
    page.get_by_text("More filters").click()
    page.get_by_label("Sign of confusion").select_option(label="Said they did not understand")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("mark").first).to_have_text("shampoo")
    expect(page.get_by_text("Words: SHAMPOO fine")).to_be_visible()
    audit(page, look, width, "list")
    page.get_by_role("link", name="Remove Sign of confusion").click()
    expect(page.get_by_text("Sign of confusion: Said")).to_have_count(0)
    page.locator(f'.rows a[href^="/staff/conversations/{talk}?q="]').first.click()
    here = page.locator(".said.here")
    expect(here).to_be_in_viewport()
    expect(here).to_contain_text("Said they did not understand")
    page.get_by_role("link", name="Previous moment").click()
    expect(page.locator(".said.here")).to_contain_text("is that <b>shampoo</b> fine?")
    here = page.locator(".said.here")
    here.locator("summary").click()
    here.get_by_role("button", name="wrong day").click()
    expect(page.get_by_text("The tags are saved.")).to_be_visible()
    here = page.locator(".said:target")
    expect(here.locator(".message-tags")).to_contain_text("wrong day")
    here.locator(".notes > summary").click()
    here.get_by_label("Comment for colleagues").fill("The day is not hers.")
    here.get_by_role("button", name="Save the comment").click()
    expect(page.locator(".said:target .comment")).to_contain_text("The day is not hers.")
    page.get_by_role("link", name="Go to the review").click()
    page.get_by_label("Wrong answer").check()
    page.get_by_label("Note").fill("Told her day 2.")
    audit(page, look, width, "conversation")
    page.get_by_role("button", name="Save the verdict").click()
    expect(page.get_by_text("Your verdict is saved.")).to_be_visible()
    page.get_by_role("link", name="Reviews", exact=True).click()
    expect(page.get_by_role("heading", name="Do two people agree?")).to_be_visible()
    audit(page, look, width, "reviews")
    look.close()
    context.close()


def audit(page: Page, look: Any, width: int, name: str) -> None:
    """Check what the page shows; axe needs script, so a page without it is opened once more with it."""
    look.add_cookies(page.context.cookies())
    same = look.new_page()
    same.goto(page.url)
    check(same, width)
    for summary in same.locator("details:not([open]) > summary").all()[:8]:
        summary.click()
    check(same, width)
    picture(same, name, width)
    same.close()
