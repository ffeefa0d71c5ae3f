"""Accounts in the console: an admin looks after them, and each person after their own password and second step."""

import re

import httpx
import pyotp
import pytest

from stipple.console.accounts import add_account
from stipple.console.managing import START_DAYS
from stipple.records.staff_models import Staff
from tests.console.conftest import PASSWORD, StaffedClinic, csrf_of, enter, post, words_of

NEW = {"name": "Mina Roy", "email": "Mina@Clinic.example", "role": "practitioner"}
MINA = "mina@clinic.example"
OWN = "seven quiet lanterns"


def added(admin: httpx.Client) -> str:
    """Mina's start password."""
    page = post(admin, "/staff/accounts/new", **NEW)
    assert page.status_code == 200
    (password,) = re.findall(r'class="start-password">([^<]+)<', page.text)
    return str(password)


def own(browser: httpx.Client, old: str, new: str = OWN, again: str = OWN) -> httpx.Response:
    """Fill in the page that changes one's own password."""
    csrf = csrf_of(browser.get("/staff/account/password"))
    return browser.post("/staff/account/password", data={"csrf": csrf, "old": old, "new": new, "again": again})


def staff(clinic: StaffedClinic, email: str) -> Staff:
    with clinic.gateway.database.begin() as db:
        return next(s for s in db.query(Staff) if s.email == email)


def set_up(browser: httpx.Client, clinic: StaffedClinic) -> str:
    """Switch on two-step sign-in as a person does; the secret."""
    page = browser.get("/staff/account/two-step")
    (key,) = re.findall(r'class="typed-key">([^<]+)<', page.text)
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
    secret = str(key).replace(" ", "")
    code = pyotp.TOTP(secret).at(clinic.now)
    done = post(browser, "/staff/account/two-step", ticket=str(ticket), code=code)
    assert done.headers["location"] == "/staff/account?note=two_step_on"
    return secret


def test_a_start_password_opens_nothing_but_the_page_for_choosing_ones_own(clinic: StaffedClinic) -> None:
    password, browser = added(clinic.signed_in("admin")), clinic.browser()
    assert enter(browser, MINA, password).status_code == 303
    for path in ("/staff", "/staff/patients", "/staff/account", "/staff/account/two-step"):
        assert browser.get(path).headers["location"] == "/staff/account/password"
    assert "Inbox" not in browser.get("/staff/account/password").text
    assert "Please choose another one." in words_of(own(browser, password, password, password))
    assert browser.get("/staff").status_code == 303, "the start password is not kept"
    assert own(browser, password).headers["location"] == "/staff?note=password_changed"
    assert browser.get("/staff").status_code == 200
    assert enter(clinic.browser(), MINA, password).status_code == 401
    assert enter(clinic.browser(), MINA, OWN).status_code == 303
    me, boss = staff(clinic, MINA).id, staff(clinic, "admin@clinic.example").id
    told = [(row.action, row.staff_id) for row in clinic.audit() if row.subject == f"staff/{me}"]
    assert told[:3] == [("account_added", boss), ("signed_in", me), ("password_changed", me)]
    everything = " ".join(f"{row.subject} {row.detail}" for row in clinic.audit())
    assert password not in everything
    assert OWN not in everything


def test_a_start_password_runs_out(clinic: StaffedClinic) -> None:
    password = added(clinic.signed_in("admin"))
    clinic.pass_time(days=START_DAYS)
    assert enter(clinic.browser(), MINA, password).status_code == 401
    assert "Start password has run out" in words_of(clinic.signed_in("admin").get("/staff/accounts"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "PRACTITIONER@clinic.example"}, "There is an account with this e-mail address already."),
        ({"email": "mina"}, "That is not an e-mail address"),
        ({"name": " "}, "Please write the person’s name"),
        ({"role": "boss"}, "Please choose what the person may do."),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told(clinic: StaffedClinic, wrong: dict[str, str], told: str) -> None:
    page = post(clinic.signed_in("admin"), "/staff/accounts/new", **(NEW | wrong))
    assert page.status_code == 422
    assert told.replace("’", "'") in words_of(page).replace("’", "'")


def test_only_admins_look_after_accounts_and_read_the_audit(clinic: StaffedClinic) -> None:
    browser, number = clinic.signed_in(), clinic.staff("reviewer").id
    for path in ("accounts", "accounts/new", f"accounts/{number}", "audit", "audit/audit.csv"):
        assert browser.get(f"/staff/{path}").status_code == 403
    for path in (
        "new",
        f"{number}/role",
        f"{number}/off",
        f"{number}/on",
        f"{number}/password",
        f"{number}/two-step-off",
    ):
        assert post(browser, f"/staff/accounts/{path}", **NEW).status_code == 403
    assert "/staff/accounts" not in browser.get("/staff").text
    assert clinic.signed_in("admin").get("/staff/accounts/999").status_code == 404


def test_a_role_holds_at_once_and_a_switched_off_account_is_signed_out(clinic: StaffedClinic) -> None:
    admin, person, number = clinic.signed_in("admin"), clinic.signed_in(), clinic.staff("practitioner").id
    post(admin, f"/staff/accounts/{number}/role", role="reviewer")
    assert person.get("/staff/patients").status_code == 403
    assert post(admin, f"/staff/accounts/{number}/off").headers["location"].endswith("note=account_off")
    assert person.get("/staff").status_code == 303
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 401
    assert "Switched off" in words_of(admin.get(f"/staff/accounts/{number}"))
    post(admin, f"/staff/accounts/{number}/on")
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 303
    boss = clinic.staff("admin").id
    changes = [(r.action, r.staff_id, r.detail) for r in clinic.audit() if r.subject == f"staff/{number}"][2:]
    assert changes[:2] == [("role_changed", boss, "role reviewer"), ("account_disabled", boss, "")]
    assert ("account_enabled", boss, "") in changes


def test_an_admin_cannot_put_themselves_out(clinic: StaffedClinic) -> None:
    admin, me = clinic.signed_in("admin"), clinic.staff("admin").id
    with clinic.gateway.database.begin() as db:
        add_account(db, "second@clinic.example", "Second", "admin", PASSWORD, clinic.now)
    assert "cannot change your own role" in words_of(post(admin, f"/staff/accounts/{me}/role", role="reviewer"))
    assert "cannot switch off your own account" in words_of(post(admin, f"/staff/accounts/{me}/off"))
    for path in ("password", "two-step-off"):
        assert post(admin, f"/staff/accounts/{me}/{path}").status_code == 422
    assert admin.get("/staff/accounts").status_code == 200
    assert "role_changed" not in clinic.actions()


def test_a_forgotten_password_is_replaced_and_a_lost_phone_forgotten(clinic: StaffedClinic) -> None:
    admin, person, number = clinic.signed_in("admin"), clinic.signed_in(), clinic.staff("practitioner").id
    set_up(person, clinic)
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 401
    post(admin, f"/staff/accounts/{number}/two-step-off")
    assert person.get("/staff").status_code == 303, "the lost phone is signed out"
    assert enter(person, "practitioner@clinic.example").status_code == 303
    page = post(admin, f"/staff/accounts/{number}/password")
    (password,) = re.findall(r'class="start-password">([^<]+)<', page.text)
    assert person.get("/staff").status_code == 303
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 401
    assert enter(person, "practitioner@clinic.example", password).status_code == 303
    assert person.get("/staff").headers["location"] == "/staff/account/password"


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("wrong", OWN, OWN, "That is not your password."),
        (PASSWORD, "short", "short", "The password has 5 characters and needs at least 12."),
        (PASSWORD, PASSWORD, PASSWORD, "That is the password you have now."),
        (PASSWORD, OWN, "something else", "The two are not the same."),
    ],
)
def test_what_is_wrong_with_a_new_password_is_told(
    clinic: StaffedClinic, old: str, new: str, again: str, told: str
) -> None:
    browser = clinic.signed_in()
    page = own(browser, old, new, again)
    assert page.status_code == 422
    assert told in words_of(page)
    assert not re.search(r'type="password"[^>]*value=', page.text), "no password stands in a page"
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 303


def test_a_new_password_ends_every_other_sign_in(clinic: StaffedClinic) -> None:
    lost, here = clinic.signed_in(), clinic.signed_in()
    assert own(here, PASSWORD).headers["location"] == "/staff/account?note=password_changed"
    assert (lost.get("/staff").status_code, here.get("/staff").status_code) == (303, 200)
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 401


def test_an_open_browser_is_no_place_for_guessing(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    for _ in range(5):
        own(browser, "wrong")
    assert "There were too many tries. Please wait" in words_of(own(browser, PASSWORD))
    set_up(browser, clinic)
    assert "too many tries" in words_of(post(browser, "/staff/account/two-step/off", old=PASSWORD))
    assert staff(clinic, "practitioner@clinic.example").has_two_step
    assert clinic.actions().count("password_refused") == 5


def test_two_step_sign_in_is_switched_on_by_a_code_and_off_by_the_password(clinic: StaffedClinic) -> None:
    browser, email = clinic.signed_in(), "practitioner@clinic.example"
    page = browser.get("/staff/account/two-step")
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
    wrong = post(browser, "/staff/account/two-step", ticket=ticket, code="000 000")
    assert "That code does not fit." in words_of(wrong)
    assert ticket in wrong.text, "the picture stays the one that was scanned"
    colleague = clinic.signed_in("reviewer")
    refused = post(colleague, "/staff/account/two-step", ticket=ticket, code="000000")
    assert "That picture was too old." in words_of(refused)
    assert ticket not in refused.text
    secret = set_up(browser, clinic)
    row = staff(clinic, email)
    assert (row.totp_secret, secret in (row.totp_sealed or "")) == (None, False)
    code = pyotp.TOTP(secret).at(clinic.now)
    assert enter(clinic.browser(), email, code=code).status_code == 401, "the code that switched it on opens nothing"
    clinic.pass_time(seconds=30)
    assert enter(clinic.browser(), email, code=pyotp.TOTP(secret).at(clinic.now)).status_code == 303
    assert "That is not your password." in words_of(post(browser, "/staff/account/two-step/off", old="wrong"))
    assert post(browser, "/staff/account/two-step/off", old=PASSWORD).headers["location"].endswith("two_step_off")
    assert enter(clinic.browser(), email).status_code == 303
    told = [row.action for row in clinic.audit() if row.action.startswith("two_step")]
    assert told == ["two_step_on", "two_step_off"]
    assert all(secret not in row.detail and ticket not in row.detail for row in clinic.audit())


def test_the_list_says_who_signed_in_when(clinic: StaffedClinic) -> None:
    clinic.signed_in("reviewer")
    clinic.pass_time(days=2)
    told = words_of(clinic.signed_in("admin").get("/staff/accounts"))
    assert "Reviewer Person reviewer@clinic.example Reviewer In use Two-step off Signed in 2 days ago" in told
    assert "Practitioner Person practitioner@clinic.example Practitioner In use Two-step off Never signed in" in told
