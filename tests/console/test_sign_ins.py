"""How long a sign-in lasts, and how a person ends it, here and elsewhere."""

import re

from tests.console.conftest import StaffedClinic, enter, post, words_of


def test_a_sign_in_lasts_as_long_as_it_is_used_but_no_longer_than_a_week(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    clinic.pass_time(hours=11)
    assert browser.get("/staff").status_code == 200
    clinic.pass_time(hours=13)
    assert browser.get("/staff").status_code == 303
    browser = clinic.signed_in()
    for _ in range(17):
        assert browser.get("/staff").status_code == 200
        clinic.pass_time(hours=10)
    assert browser.get("/staff").status_code == 303


def test_looking_for_news_does_not_keep_a_sign_in_alive(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    for _ in range(12):
        assert browser.get("/staff/inbox").status_code == 200
        clinic.pass_time(hours=1)
    assert browser.get("/staff/inbox").status_code == 303


def test_a_person_signs_out(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    token = browser.cookies["stipple_staff"]
    assert post(browser, "/staff/sign-out").headers["location"] == "/staff/sign-in"
    browser.cookies.set("stipple_staff", token, path="/staff")
    assert browser.get("/staff").status_code == 303, "the old cookie opens nothing"


def test_a_person_ends_a_sign_in_elsewhere(clinic: StaffedClinic) -> None:
    lost, here = clinic.signed_in(), clinic.signed_in()
    lost.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    post(lost, "/staff/sign-out")
    enter(lost, "practitioner@clinic.example")
    page = here.get("/staff/account")
    assert "Safari on iPhone" in words_of(page)
    (which,) = re.findall(r'name="which" value="([0-9a-f]+)"', page.text)
    assert post(clinic.signed_in("admin"), "/staff/account/revoke", which=which).headers["location"] == "/staff/account"
    assert lost.get("/staff").status_code == 200, "a colleague cannot end it"
    assert post(here, "/staff/account/revoke", which=which).headers["location"].endswith("note=revoked")
    assert lost.get("/staff").status_code == 303
    assert here.get("/staff").status_code == 200


def test_a_person_ends_all_other_sign_ins(clinic: StaffedClinic) -> None:
    others, here = [clinic.signed_in() for _ in range(3)], clinic.signed_in()
    post(here, "/staff/account/revoke", which="others")
    assert [browser.get("/staff").status_code for browser in others] == [303, 303, 303]
    assert here.get("/staff").status_code == 200
