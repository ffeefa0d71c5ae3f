"""Who gets into the console: passwords, waits, cookies, and forms of other sites."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from http.cookies import Morsel, SimpleCookie

import httpx
import pyotp
import pytest

from stipple.console import signins
from stipple.console.accounts import add_account, disable_account
from stipple.console.passwords import new_totp_secret
from stipple.console.throttle import LONGEST_WAIT, address_key
from stipple.records.staff_models import Staff
from stipple.sealing import Sealer
from tests.console.conftest import NOW, PASSWORD, StaffedClinic, csrf_of, enter, post, words_of
from tests.gateway.conftest import MakeGateway
from tests.gateway.test_access import PRODUCTION

PAGES = ["/staff", "/staff/inbox", "/staff/conversations", "/staff/conversations/abc", "/staff/account"]
WRONG = "The e-mail address, the password or the code is not right."


def cookie_of(response: httpx.Response, name: str = "stipple_staff") -> Morsel[str]:
    for header in response.headers.get_list("set-cookie"):
        if name in (found := SimpleCookie(header)):
            return found[name]
    raise AssertionError(f"no cookie {name}")


def test_the_right_password_opens_the_page_that_was_asked_for(clinic: StaffedClinic) -> None:
    browser = clinic.browser()
    asked = browser.get("/staff/conversations?level=any")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/staff/sign-in?next=%2Fstaff%2Fconversations%3Flevel%3Dany"
    page = browser.get(asked.headers["location"])
    fields = {"csrf": csrf_of(page), "email": " Practitioner@Clinic.example ", "password": PASSWORD}
    fields["next"] = re.search(r'name="next" value="([^"]+)"', page.text).group(1)  # type: ignore[union-attr]
    entered = browser.post("/staff/sign-in", data=fields)
    assert (entered.status_code, entered.headers["location"]) == (303, "/staff/conversations?level=any")
    assert browser.get("/staff").status_code == 200
    assert browser.get("/staff/sign-in").headers["location"] == "/staff", "whoever is signed in goes on"


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_a_sign_in(clinic: StaffedClinic, path: str) -> None:
    response = clinic.browser().get(path)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/staff/sign-in?next=")


def test_the_page_that_looks_for_news_is_told_plainly(clinic: StaffedClinic) -> None:
    response = clinic.browser().get("/staff/inbox", headers={"X-Stipple-Watch": "1"})
    assert (response.status_code, response.text) == (401, "")


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/staff", "/staff/../..\\evil", "/", "/staffx"])
def test_the_sign_in_leads_only_into_the_console(clinic: StaffedClinic, path: str) -> None:
    assert enter(clinic.browser(), "admin@clinic.example", next=path).headers["location"] == "/staff"


def test_a_link_in_a_web_mailbox_comes_again_from_this_site(clinic: StaffedClinic) -> None:
    response = clinic.browser().get("/staff?note=took", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200
    assert 'content="0; url=/staff?note=took"' in response.text


def test_a_wrong_password_and_an_unknown_account_read_the_same(clinic: StaffedClinic) -> None:
    known = enter(clinic.browser(), "admin@clinic.example", "not the password")
    unknown = enter(clinic.browser(), "nobody@clinic.example", "not the password")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert WRONG in words_of(known)
    assert words_of(known) == words_of(unknown)
    assert 'value="nobody@clinic.example"' in unknown.text


def test_an_unknown_account_costs_as_much_work(clinic: StaffedClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    monkeypatch.setattr(signins, "is_password", lambda stored, given: verified.append(stored) or False)
    enter(clinic.browser(), "admin@clinic.example", "wrong")
    enter(clinic.browser(), "nobody@clinic.example", "wrong")
    assert len(verified) == 2
    assert all(stored.startswith("$argon2id$") for stored in verified)


def test_a_disabled_account_cannot_sign_in_and_is_signed_out(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    with clinic.gateway.database.begin() as db:
        disable_account(db, db.get_one(Staff, clinic.staff("practitioner").id), clinic.now)
    assert browser.get("/staff").status_code == 303
    assert WRONG in words_of(enter(browser, "practitioner@clinic.example"))


def test_a_disabled_account_is_shut_out_even_where_a_sign_in_is_left(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    with clinic.gateway.database.begin() as db:
        db.get_one(Staff, clinic.staff("practitioner").id).disabled_at = clinic.now
    assert browser.get("/staff").status_code == 303


@pytest.mark.parametrize("email", ["admin@clinic.example", "nobody@clinic.example"])
def test_guessing_costs_a_growing_wait_whether_or_not_the_account_exists(clinic: StaffedClinic, email: str) -> None:
    waits = []
    for _ in range(5):
        assert enter(clinic.browser(), email, "wrong guess here").status_code == 401
    for _ in range(3):
        refused = enter(clinic.browser(), email, PASSWORD)
        assert refused.status_code == 429, "not even the right password is looked at"
        waits.append(int(refused.headers["retry-after"]))
        assert "There were too many tries. Please wait " in words_of(refused)
        clinic.pass_time(seconds=waits[-1])
        enter(clinic.browser(), email, "wrong guess here")
    assert waits == sorted(waits)
    assert waits[2] >= 4 * (waits[0] - 1)


def test_after_the_wait_the_right_password_opens_and_the_count_starts_afresh(clinic: StaffedClinic) -> None:
    for _ in range(5):
        enter(clinic.browser(), "admin@clinic.example", "wrong guess here")
    clinic.pass_time(seconds=31)
    assert enter(clinic.browser(), "admin@clinic.example").status_code == 303
    for _ in range(5):
        assert enter(clinic.browser(), "admin@clinic.example", "wrong guess here").status_code == 401


def test_no_colleague_is_locked_out_for_long(clinic: StaffedClinic) -> None:
    for _ in range(30):
        enter(clinic.browser(), "admin@clinic.example", "wrong guess here")
        clinic.pass_time(minutes=16)
    assert enter(clinic.browser(), "admin@clinic.example").status_code == 303
    assert timedelta(minutes=16) > LONGEST_WAIT


def test_many_tries_at_once_are_no_way_round(clinic: StaffedClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    sealer = Sealer(clinic.gateway.settings)
    monkeypatch.setattr(signins, "is_password", lambda stored, given: looked_at.append(given) or False)

    def guess(number: int) -> None:
        given = signins.Credentials("admin@clinic.example", f"guess {number}", "", f"192.0.2.{number}", "")
        with suppress(signins.RefusedError, signins.TooManyTriesError):
            signins.let_in(clinic.gateway.database, given, sealer, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(24)))
    assert len(looked_at) == 5


def test_one_address_cannot_try_many_accounts(clinic: StaffedClinic) -> None:
    codes = [enter(clinic.browser(), f"a{n}@clinic.example", "wrong").status_code for n in range(22)]
    assert codes == [401] * 20 + [429] * 2


def test_what_is_refused_does_not_count_against_the_address(clinic: StaffedClinic) -> None:
    for _ in range(25):
        enter(clinic.browser(), "admin@clinic.example", "wrong guess here")
    assert enter(clinic.browser(), "practitioner@clinic.example").status_code == 303


def test_one_customer_has_one_ipv6_address() -> None:
    assert address_key("2001:db8:1:2::5") == address_key("2001:db8:1:2:ffff::9") != address_key("2001:db8:1:3::5")
    assert address_key("192.0.2.1") != address_key("192.0.2.2")


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "forged"}, {"csrf": "é"}])
def test_the_sign_in_form_must_come_from_the_page(clinic: StaffedClinic, given: dict[str, str]) -> None:
    browser = clinic.browser()
    fields = {"email": "admin@clinic.example", "password": PASSWORD} | given
    assert browser.post("/staff/sign-in", data=fields).status_code == 403
    browser.get("/staff/sign-in")
    assert browser.post("/staff/sign-in", data=fields).status_code == 403
    assert browser.get("/staff").status_code == 303


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "forged"}])
@pytest.mark.parametrize("path", ["/staff/sign-out", "/staff/account/revoke", "/staff/alerts/1/take"])
def test_no_form_works_without_its_secret(clinic: StaffedClinic, path: str, given: dict[str, str]) -> None:
    browser = clinic.signed_in()
    response = browser.post(path, data=given)
    assert response.status_code == 403
    assert "Nothing was changed" in words_of(response)
    assert browser.get("/staff").status_code == 200


def test_a_colleagues_secret_does_not_do(clinic: StaffedClinic) -> None:
    csrf = csrf_of(clinic.signed_in("admin").get("/staff/account"))
    assert clinic.signed_in().post("/staff/sign-out", data={"csrf": csrf}).status_code == 403


def test_a_form_of_another_site_is_refused(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    csrf = csrf_of(browser.get("/staff/account"))
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/staff/sign-out", data={"csrf": csrf}, headers=headers).status_code == 403


def test_a_huge_or_strange_form_is_refused(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    assert browser.post("/staff/sign-out", data={"csrf": "x" * 40_000}).status_code == 413
    assert browser.post("/staff/sign-out", json={"csrf": "x"}).status_code == 413
    assert browser.post("/staff/sign-out", data={f"f{n}": "x" for n in range(200)}).status_code == 413


def test_the_cookie_is_kept_from_scripts_and_other_sites(clinic: StaffedClinic) -> None:
    browser = clinic.browser()
    for response, name in (
        (browser.get("/staff/sign-in"), "stipple_staff_form"),
        (enter(browser, "admin@clinic.example"), "stipple_staff"),
    ):
        cookie = cookie_of(response, name)
        assert cookie["httponly"] is True
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("strict", "/staff", "")
        assert not cookie["secure"], "on plain HTTP a secure cookie would be lost"


def test_the_cookie_is_secure_where_the_address_is(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(**PRODUCTION)
    with gateway.database.begin() as db:
        add_account(db, "robin@clinic.example", "Robin", "admin", PASSWORD, datetime.now(NOW.tzinfo))
    assert cookie_of(enter(gateway.browser, "robin@clinic.example"))["secure"] is True
    assert gateway.browser.get("/staff").status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/staff/sign-in", "/staff/alerts/x/close"])
def test_no_page_is_kept_by_a_browser(clinic: StaffedClinic, path: str) -> None:
    for browser in (clinic.browser(), clinic.signed_in()):
        response = browser.get(path)
        assert response.headers["cache-control"] == "no-store"
        assert "default-src 'self'" in response.headers["content-security-policy"]


def test_a_code_is_asked_for_and_opens_once(clinic: StaffedClinic) -> None:
    secret = new_totp_secret()
    with clinic.gateway.database.begin() as db:
        db.get_one(Staff, clinic.staff("admin").id).totp_secret = secret
    code = pyotp.TOTP(secret).at(clinic.now)
    assert enter(clinic.browser(), "admin@clinic.example").status_code == 401
    assert enter(clinic.browser(), "admin@clinic.example", code="12345x").status_code == 401
    assert enter(clinic.browser(), "admin@clinic.example", code=f"{code[:3]} {code[3:]}").status_code == 303
    assert enter(clinic.browser(), "admin@clinic.example", code=code).status_code == 401
    clinic.pass_time(seconds=30)
    assert enter(clinic.browser(), "admin@clinic.example", code=pyotp.TOTP(secret).at(clinic.now)).status_code == 303


def test_what_happens_at_the_door_is_written_down(clinic: StaffedClinic) -> None:
    enter(clinic.browser(), "nobody@clinic.example", "wrong")
    enter(clinic.browser(), "practitioner@clinic.example", "wrong")
    browser = clinic.signed_in()
    post(browser, "/staff/account/revoke", which="others")
    post(browser, "/staff/sign-out")
    me = clinic.staff("practitioner").id
    rows = [(r.action, r.staff_id, r.subject) for r in clinic.audit() if r.action != "account_added"]
    assert rows == [
        ("sign_in_failed", None, "staff/unknown"),
        ("sign_in_failed", me, f"staff/{me}"),
        ("signed_in", me, f"staff/{me}"),
        ("sign_ins_revoked", me, f"staff/{me}"),
        ("signed_out", me, f"staff/{me}"),
    ]
    assert PASSWORD not in " ".join(row.detail for row in clinic.audit())
