"""From a misunderstood message to a taught phrase and a test, and from the worst instruction to a case, in Chromium."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from stipple.content.pack import load_pack
from stipple.gateway.app import create_app
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Clinic, Course, Patient, Session
from stipple.records.simulated import simulate
from stipple.stack.database import prepare_database
from stipple.stack.supervise import scratch_settings
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import LOOKS, PASSWORD, check, pages_of
from tests.browser.test_staff_wordings import person

__all__ = ["browser"]
pytestmark = pytest.mark.browser
CONSONANTS = "bcdfghjklmnpqrstvwxz"
Door = tuple[str, Database]


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    """A gateway with many invented patients of whom some were confused; these walks ask the engine nothing."""
    with scratch_settings() as (settings, _):
        database, now = prepare_database(settings), datetime.now(UTC)
        with database.begin() as db:
            simulate(db, load_pack(settings.content_dir), 500, 7, now, lambda _: None)
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=settings.port, log_level="warning"))
        thread = Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.05)
        yield settings.base_url, database
        server.should_exit = True
        thread.join()
        database.engine.dispose()


def word() -> str:
    """Letters that stand in no phrase, so that no test meets the words of an earlier one."""
    return "".join(secrets.choice(CONSONANTS) for _ in range(9))


def asked(database: Database, text: str) -> str:
    """A patient on day 2 asked and was taken to mean a hat; the conversation."""
    now = datetime.now(UTC)
    hat = {"kind": "aftercare", "topic": "hat", "verdict": "care", "asked_day": 2, "intent": "aftercare/hat"}
    with database.begin() as db:
        clinic = db.scalars(select(Clinic)).one()
        patient = Patient(clinic_id=clinic.id, reference=word(), name="Ann Example", created_at=now)
        held = Session(number=1, starts_at=now - timedelta(days=2), status="done")
        patient.courses.append(Course(planned_sessions=3, sessions=[held]))
        db.add(patient)
        db.flush()
        talk = start_conversation(db, "web", now, patient.id)
        add_message(db, talk.id, "patient", text, now)
        add_message(db, talk.id, "assistant", "Loose hats only.", now, trace=[hat | {"confidence": 0.7}])
        return talk.id


def enter(browser: Browser, door: Door, name: str, width: int = 1280, **more: Any) -> Page:
    """The browser of a practitioner who is signed in."""
    url, database = door
    page = pages_of(browser, width, **more).new_page()
    page.goto(f"{url}/staff")
    page.get_by_label("E-mail address").fill(person(database, name))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_misunderstood_message_is_taught_and_tested(browser: Browser, door: Door, with_script: bool) -> None:
    own = word()
    talk = asked(door[1], f"my {own} wants a splash, ring me on 07700 900123")
    robin = enter(browser, door, "Robin Hart", 1280, java_script_enabled=with_script)
    sam = enter(browser, door, "Sam Lee", 375, java_script_enabled=with_script)
    robin.goto(f"{door[0]}/staff/conversations/{talk}")
    robin.get_by_role("link", name="The assistant misunderstood this").click()
    expect(robin.locator("#phrase-notes")).to_contain_text("is a phone number. Edit it out.")
    water = robin.locator('input[value="aftercare/water"]')
    if with_script:
        robin.get_by_label("Find").fill("scalp wet")
        expect(robin.locator("#filter-count")).to_contain_text("found")
    else:
        expect(robin.get_by_label("Find")).to_be_hidden()
    if not water.is_visible():
        robin.locator("summary", has_text="Aftercare").click()
    water.check()
    robin.get_by_label("The same question in other words").fill(f"may a wave touch my {own}")
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(water).to_be_checked()
    expect(robin.locator("form#teach")).to_contain_text("for healing day 2")
    robin.get_by_label("Words to learn from").fill(f"my {own} wants a splash")
    robin.get_by_label("I have read my words").check()
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("status").first).to_contain_text("Saved.")

    sam.get_by_role("link", name="Learning").click()
    for said in (f"my {own} wants a splash", f"may a wave touch my {own}"):
        sam.locator("li.card", has_text=said).get_by_role("link").click()
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


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_learning_page_is_accessible_and_fits(browser: Browser, door: Door, width: int, scheme: Any) -> None:
    own = word()
    talk = asked(door[1], f"my {own} wants a splash, ring me on 07700 900123")
    robin = enter(browser, door, "Robin Hart", width, color_scheme=scheme)
    sam = enter(browser, door, "Sam Lee", width, color_scheme=scheme)
    robin.goto(f"{door[0]}/staff/conversations/{talk}")
    check(robin, width)
    robin.get_by_role("link", name="The assistant misunderstood this").click()
    check(robin, width)
    robin.get_by_label("Find").fill("wet")
    expect(robin.locator("#filter-count")).to_contain_text("found")
    check(robin, width)
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    check(robin, width)
    robin.get_by_label("Words to learn from").fill(f"my {own} wants a splash")
    robin.get_by_label("Find").fill("wet")
    robin.locator('input[value="aftercare/water"]').check()
    robin.get_by_label("I have read my words").check()
    robin.get_by_role("button", name="Save for a colleague").click()
    expect(robin.get_by_role("status").first).to_contain_text("Saved.")
    check(robin, width)
    robin.locator("li.card", has_text=f"my {own}").get_by_role("link").click()
    expect(robin.get_by_role("button", name="Take it back")).to_be_visible()
    check(robin, width)
    sam.goto(robin.url)
    check(sam, width)
    for page in (robin, sam):
        page.context.close()


def test_from_the_worst_instruction_to_a_tested_question_takes_nine_presses(browser: Browser, door: Door) -> None:
    """Each press is counted; typing is not, nor how the second person comes to a list that the menu leads to."""
    url, _ = door
    presses: list[str] = []

    def press(found: Locator, what: str) -> None:
        found.click()
        presses.append(what)

    robin, sam = enter(browser, door, "Robin Hart"), enter(browser, door, "Sam Lee")
    robin.goto(f"{url}/staff/clarity")
    press(robin.locator("ol.clarity-rows a").first, "the worst instruction")
    press(robin.get_by_role("link", name="Reword this"), "reword")
    robin.get_by_label("Text", exact=True).fill("Ask us first. We will tell you what to do.")
    press(robin.get_by_role("button", name="Propose this"), "propose")
    expect(robin.get_by_role("status").first).to_contain_text("Proposed.")
    proposal = robin.url.partition("?")[0]

    sam.goto(f"{url}/staff/wordings")
    press(sam.locator("section", has_text="Waiting for approval").get_by_role("link").last, "open the proposal")
    press(sam.get_by_role("button", name="Approve and publish"), "approve")
    expect(sam.get_by_role("status").first).to_contain_text("Approved and published.")

    robin.goto(proposal)
    press(robin.get_by_role("link", name="Add a test question"), "add a test question")
    expect(robin.locator("#labels input:checked")).to_have_count(1)
    check(robin, 1280)
    question = f"what about {word()} {word()} then"
    robin.get_by_label("The same question in other words").fill(question)
    press(robin.get_by_role("button", name="Save for a colleague"), "save the case")
    expect(robin.get_by_role("status").first).to_contain_text("Saved.")

    sam.goto(f"{url}/staff/learning")
    press(sam.locator("li.card", has_text=question).get_by_role("link"), "open the case")
    expect(sam.locator("section.card")).to_contain_text("for healing day")
    press(sam.get_by_role("button", name="Accept", exact=True), "accept the case")
    expect(sam.get_by_role("status").first).to_contain_text("Accepted.")
    assert presses[4] == "approve"
    assert len(presses) == 9
    for page in (robin, sam):
        page.context.close()
