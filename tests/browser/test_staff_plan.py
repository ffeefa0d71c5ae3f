"""The care plan in a real Chromium: an admin changes a day, and the next patient who asks hears it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from stipple.console.accounts import find_account
from stipple.records.database import Database
from stipple.records.models import Clinic, Course, Patient, Session
from stipple.stack.supervise import Stack
from tests.browser.test_staff import WIDTHS, browser, check, database, email, enter, pages_of
from tests.whole_stack import Patient as Asking
from tests.whole_stack import told

__all__ = ["browser", "database", "email"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
RECORD = {"day": 5, "done": 1, "planned": 3}
ASKED = "can i take a shower and get my scalp wet"


@pytest.fixture
def admin(database: Database, email: str) -> str:
    """An admin of this test's own, in a clinic with a patient whose session was today."""
    now = datetime.now(UTC)
    with database.begin() as db:
        find_account(db, email).role = "admin"
        patient = Patient(clinic_id=db.query(Clinic).one().id, reference="P-5", name="Zoe Quill", created_at=now)
        patient.courses.append(Course(planned_sessions=3, sessions=[Session(number=1, starts_at=now, status="done")]))
        db.add(patient)
    return email


def test_a_change_of_the_care_plan_is_what_the_next_patient_hears(browser: Browser, stack: Stack, admin: str) -> None:
    base = stack.settings.base_url
    patient = Asking(base, RECORD, datetime.now(UTC).isoformat())
    assert told(patient.says(ASKED), "aftercare")[0]["verdict"] == "care"
    context = pages_of(browser, 1280, java_script_enabled=True)
    page = context.new_page()
    enter(page, stack, admin)

    def checked() -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            check(page, width)

    page.get_by_role("link", name="Care plan").click()
    checked()
    page.get_by_role("link", name="getting your scalp wet").click()
    checked()
    page.get_by_role("link", name="Change days and answers").click()
    checked()
    page.get_by_label("Answer").nth(1).select_option("avoid")
    page.get_by_role("button", name="See what changes for patients").click()
    expect(page.get_by_text("The answer is new, so this must be too: write")).to_be_visible()
    checked()
    page.get_by_label("Text").fill(
        "Please keep your scalp dry for now. Do not wash it yet, and pat it dry if it gets wet."
    )
    page.get_by_label("In simpler words").fill("Still no water on your head.")
    page.get_by_label("Source").fill("Dr Jane Doe")
    page.get_by_role("button", name="See what changes for patients").click()
    expect(page.get_by_role("row", name="Day 4 to 6 With care Not yet stricter")).to_be_visible()
    expect(page.get_by_role("row", name="Z. Q. P-5")).to_be_visible()
    checked()
    page.get_by_label("Why is this changed?").fill("Our scabs hold longer.")
    page.get_by_role("button", name="Save for all patients").click()
    expect(page.get_by_text("Saved. The next patient who asks gets this plan.")).to_be_visible()
    reply = patient.says(ASKED)
    assert told(reply, "aftercare")[0]["verdict"] == "avoid"
    assert "Do not wash it yet" in reply["text"]
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Day 4 to 6: With care → Not yet (stricter)")).to_be_visible()
    checked()
    page.get_by_role("button", name="Go back to the clinic's file …").click()
    page.get_by_label("Why is this changed?").fill("Back to the sheet.")
    page.get_by_label("A clinician approved").check()
    page.get_by_label("Which clinician?").fill("Dr Jane Doe")
    checked()
    page.get_by_role("button", name="Save for all patients").click()
    expect(page.get_by_text("As the clinic's file has it.")).to_be_visible()
    assert told(patient.says(ASKED), "aftercare")[0]["verdict"] == "care"
    context.close()
