"""Accounts in a real Chromium: from a new colleague's start password to what the audit tells of her."""

import secrets
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from stipple.console.accounts import add_account
from stipple.records.database import Database
from stipple.stack.supervise import Stack
from tests.browser.test_chat_page import browser
from tests.browser.test_staff import PASSWORD, check, database, enter, pages_of

__all__ = ["browser", "database"]
pytestmark = [pytest.mark.stack, pytest.mark.browser]
OWN = "seven quiet lanterns"


@pytest.fixture
def admin(database: Database) -> str:
    """An admin of this test's own."""
    address = f"{secrets.token_hex(4)}@clinic.example"
    with database.begin() as db:
        add_account(db, address, "Alex Lead", "admin", PASSWORD, datetime.now(UTC))
    return address


def add(page: Page, email: str, width: int) -> str:
    """Add Mina's account; her start password."""
    page.get_by_role("link", name="Colleagues").click()
    check(page, width)
    page.get_by_role("link", name="Add an account").click()
    check(page, width)
    page.get_by_label("Name", exact=True).fill("Mina Roy")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Practitioner").check()
    page.get_by_role("button", name="Add the account").click()
    expect(page.get_by_role("heading", name="The account is added")).to_be_visible()
    check(page, width)
    return page.locator(".start-password").inner_text()


def sign_in(page: Page, stack: Stack, email: str, password: str, code: str = "") -> None:
    page.goto(f"{stack.settings.base_url}/staff/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_label("6-digit code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def choose_password(page: Page, start: str, width: int) -> None:
    expect(page.get_by_role("heading", name="Choose a password of your own")).to_be_visible()
    check(page, width)
    page.get_by_label("Start password").fill(start)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password once more").fill("another one, by mistake")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    check(page, width)
    page.get_by_label("Start password").fill(start)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password once more").fill(OWN)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def set_up_two_step(page: Page, width: int) -> pyotp.TOTP:
    page.get_by_role("link", name="My account").click()
    check(page, width)
    page.get_by_role("link", name="Set up two-step sign-in").click()
    expect(page.locator(".code-picture svg")).to_be_visible()
    check(page, width)
    app = pyotp.TOTP(page.locator(".typed-key").inner_text().replace(" ", ""))
    page.get_by_label("6-digit code").fill("000 00x")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("That code does not fit.")).to_be_visible()
    page.get_by_label("6-digit code").fill(app.now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("Two-step sign-in is on.")).to_be_visible()
    return app


@pytest.mark.parametrize("width", [375, 1280])
def test_a_colleague_joins_and_the_audit_tells_of_it(browser: Browser, stack: Stack, admin: str, width: int) -> None:
    email = f"{secrets.token_hex(4)}@clinic.example"
    office, phone = pages_of(browser, width), pages_of(browser, width)
    page, hers = office.new_page(), phone.new_page()
    enter(page, stack, admin)
    start = add(page, email, width)
    sign_in(hers, stack, email, start)
    choose_password(hers, start, width)
    app = set_up_two_step(hers, width)
    hers.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(hers, stack, email, OWN)
    expect(hers.get_by_role("alert")).to_contain_text("is not right")
    # The code that switched it on is used up, so the next one is taken.
    sign_in(hers, stack, email, OWN, app.at(datetime.now(UTC) + timedelta(seconds=30)))
    expect(hers.get_by_role("heading", name="Inbox")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.locator("dl")).to_contain_text("On")
    check(page, width)
    page.get_by_role("link", name="What Mina Roy did").click()
    check(page, width)
    expect(page.get_by_label("Who", exact=True)).to_contain_text(f"Mina Roy, {email}")
    for done in ("Signed in", "Changed the own password", "Switched two-step sign-in on", "Failed to sign in"):
        expect(page.locator(".audit-what", has_text=done).first).to_be_visible()
    page.goto(f"{stack.settings.base_url}/staff/audit?kind=accounts")
    expect(page.locator("tr", has_text="Added an account").first).to_contain_text("Alex Lead")
    check(page, width)
    page.goto(f"{stack.settings.base_url}/staff/accounts")
    page.get_by_role("link", name=email).click()
    page.get_by_role("button", name="Switch the account off").click()
    expect(page.get_by_text("The account is switched off")).to_be_visible()
    check(page, width)
    hers.reload()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    office.close()
    phone.close()
