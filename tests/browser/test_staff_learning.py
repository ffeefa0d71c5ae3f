"""From a misunderstood message to a taught phrase and a test, and from the worst instruction to a case, in Chromium."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from stipple.console.accounts import add_account
from stipple.content.pack import load_pack
from stipple.records.database import Database
from stipple.records.models import Conversation, Delivery, Message
from stipple.records.conversations import add_message, start_conversation
from stipple.records.wordings import publish_pack
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import WIDTHS, check, database
from tests.browser.test_staff_wordings import opened
from tests.whole_stack import Patient

__all__ = ["browser", "database"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
TELL_ME = {"letters": "bcdfghjklmnpqrstvwxz"}


def word() -> str:
    """Letters that stand in no phrase, so that no test meets the words of an earlier one."""
    return "".join(secrets.choice(TELL_ME["letters"]) for _ in range(9))


def asked(stack: Stack, text: str) -> str:
    """A patient on day 2 asks; the conversation."""
    patient = Patient(stack.settings.base_url, {"day": 2}, datetime.now(UTC).isoformat())
    patient.says(text)
    return patient.conversation


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_misunderstood_message_is_taught_and_tested(
    browser: Browser, stack: Stack, database: Database, with_script: bool
) -> None:
    own = word()
    talk = asked(stack, f"my {own} wants a splash, ring me on 07700 900123")
    robin = opened(browser, stack, database, "Robin Hart", 1280, java_script_enabled=with_script)
    sam = opened(browser, stack, database, "Sam Lee", 375, java_script_enabled=with_script)
    robin.goto(f"{stack.settings.base_url}/staff/conversations/{talk}")
    robin.get_by_role("link", name="The assistant misunderstood this").click()
    expect(robin.locator("#phrase-notes")).to_contain_text("is a phone number. Edit it out.")
    if with_script:
        robin.get_by_label("Find").fill("head wet")
        expect(robin.get_by_role("status")).to_contain_text("found")
    else:
        expect(robin.get_by_label("Find")).to_be_hidden()
        robin.locator("summary", has_text="Aftercare").click()
    robin.locator('input[value="aftercare/water"]').check()
    robin.get_by_label("The same question in other words").fill(f"may a wave touch my {own}")
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(robin.locator('input[value="aftercare/water"]')).to_be_checked()
    expect(robin.locator("form#teach")).to_contain_text("for healing day 2")
    robin.get_by_label("Words to learn from").fill(f"my {own} wants a splash")
    robin.get_by_label("I have read my words").check()
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("status").first).to_contain_text("Saved.")

    sam.get_by_role("link", name="Learning").click()
    for said in (f"my {own} wants a splash", f"may a wave touch my {own}"):
        sam.get_by_role("link", name=f"Decide …: {said}").click()
        sam.get_by_role("button", name="Accept", exact=True).click()
        expect(sam.get_by_role("status").first).to_contain_text("Accepted.")
    sam.get_by_label("State").select_option("Accepted")
    sam.get_by_role("button", name="Show").click()
    expect(sam.locator("li.card", has_text=f"may a wave touch my {own}")).to_contain_text("for healing day 2")
    with sam.expect_download() as got:
        sam.get_by_role("link", name="Download the files").click()
    assert got.value.suggested_filename == "learned.zip"
    for page in (robin, sam):
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_learning_page_is_accessible_and_fits(
    browser: Browser, stack: Stack, database: Database, width: int, scheme: Any
) -> None:
    own = word()
    talk = asked(stack, f"my {own} wants a splash, ring me on 07700 900123")
    robin = opened(browser, stack, database, "Robin Hart", width, color_scheme=scheme)
    sam = opened(browser, stack, database, "Sam Lee", width, color_scheme=scheme)
    robin.goto(f"{stack.settings.base_url}/staff/conversations/{talk}")
    check(robin, width)
    robin.get_by_role("link", name="The assistant misunderstood this").click()
    check(robin, width)
    robin.get_by_label("Find").fill("water")
    check(robin, width)
    robin.get_by_role("button", name="Save for a colleague").click()
    check(robin, width)
    robin.get_by_label("Words to learn from").fill(f"my {own} wants a splash")
    robin.locator('input[value="aftercare/water"]').check()
    robin.get_by_label("I have read my words").check()
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("status").first).to_contain_text("Saved.")
    check(robin, width)
    robin.get_by_role("link", name=f"Open: my {own}").click()
    check(robin, width)
    sam.goto(robin.url)
    check(sam, width)
    for page in (robin, sam):
        page.context.close()


def confuse(database: Database, stack: Stack) -> None:
    """Enough patients who do not understand one instruction to make it the worst of the clarity page."""
    from stipple.records.clarity_recount import rebuild

    now = datetime.now(UTC)
    with database.begin() as db:
        for number in range(40):
            patient = Patient  # noqa: F841
            talk = start_conversation(db, "web", now)
            item = {"kind": "aftercare", "topic": "water", "verdict": "avoid", "asked_day": 2}
            item |= {"rule_id": "aftercare/water/0-3", "wording_version": 1, "intent": "aftercare/water"}
        del number, talk, item
        rebuild(db)
