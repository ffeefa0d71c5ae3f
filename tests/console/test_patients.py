"""Patients in the staff pages: who may open them, finding one, and what a page tells."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from stipple.content.pack import load_pack
from stipple.records.models import Consent, Course, Override, Patient, Session
from stipple.records.patients import to_record
from stipple.records.wordings import publish_pack
from tests.console.conftest import (
    NOW,
    PUS,
    StaffedClinic,
    clinic,
    content,
    csrf_of,
    make_gateway,
    no_settings,
    post,
    refusing_port,
    template,
    words_of,
)

__all__ = ["clinic", "content", "make_gateway", "no_settings", "refusing_port", "template"]


@pytest.fixture
def ann(clinic: StaffedClinic) -> str:
    """A patient on day 2 of a course of three sessions; the wordings are published."""
    found = clinic.patient("P-1", "Ann Example")
    with clinic.gateway.database.begin() as db:
        publish_pack(db, load_pack(clinic.gateway.settings.content_dir), "test", NOW)
        course = Course(patient_id=found, number=1, goal="hairline", planned_sessions=3)
        course.sessions.append(Session(number=1, starts_at=NOW - timedelta(days=2), status="done"))
        course.sessions.append(Session(number=2, starts_at=NOW + timedelta(days=12), status="planned"))
        db.add(course)
    return found


def sessions(clinic: StaffedClinic) -> list[Session]:
    with clinic.gateway.database.begin() as db:
        return list(db.scalars(select(Session).order_by(Session.number)))


def saved(clinic: StaffedClinic) -> Patient:
    with clinic.gateway.database.begin() as db:
        return db.scalars(select(Patient).where(Patient.reference.startswith("P-"))).one()


def filled(page: httpx.Response, **typed: str) -> dict[str, str]:
    """The form of a page as a browser would send it, with what a person types."""
    import html
    import re

    form = page.text.partition("<main")[2]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found[name.group(1)] = html.unescape(value.group(1)) if value else ""
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = html.unescape(text)
    return found | typed


def changed(browser: httpx.Client, path: str, **typed: str) -> tuple[httpx.Response, dict[str, str]]:
    """Fill in the form at ``path`` and ask what would change."""
    fields = filled(browser.get(path), **typed)
    return browser.post(path, data=fields), fields


PATHS = ["", "/new", "/{ann}", "/{ann}/details", "/{ann}/rules/new", "/{ann}/courses/new"]


@pytest.mark.parametrize("path", PATHS)
def test_who_reviews_cannot_open_a_page_with_names(clinic: StaffedClinic, ann: str, path: str) -> None:
    address = f"/staff/patients{path.format(ann=ann)}"
    answer = clinic.signed_in("reviewer").get(address)
    assert (answer.status_code, "Ann" in answer.text) == (403, False)
    assert "/staff/patients" not in clinic.signed_in("reviewer").get("/staff").text
    assert clinic.browser().get(address).status_code == 303
    for role in ("practitioner", "admin"):
        assert clinic.signed_in(role).get(address).status_code == 200


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ann", {"Ann Example", "Joanna Émile"}),
        ("EXAMPLE ann", {"Ann Example"}),
        ("émile", {"Joanna Émile"}),
        ("p-2", {"Bob Brook"}),
        ("07700900123", {"Ann Example"}),
        ("+44 7700 900", {"Ann Example"}),
        ("+44 7700 900124", set()),
        ("900-123", {"Ann Example"}),
        ("%", set()),
        ("nobody", set()),
    ],
)
def test_patients_are_found_by_name_reference_and_phone(clinic: StaffedClinic, words: str, found: set[str]) -> None:
    clinic.patient("P-1", "Ann Example", "07700 900123")
    clinic.patient("P-2", "Bob Brook", None)
    clinic.patient("P-3", "Joanna Émile", "020 7946 0000")
    browser = clinic.signed_in()
    answer = post(browser, "/staff/patients", words=words, sort="name")
    assert answer.status_code == 303
    assert words.split()[0] not in answer.headers["location"]
    page = words_of(browser.get(answer.headers["location"]))
    assert {name for name in ("Ann Example", "Bob Brook", "Joanna Émile") if name in page} == found
    assert clinic.actions()[-2:] == ["searched", "listed"]
    assert all(words not in f"{row.subject} {row.detail}" for row in clinic.audit())


def test_patients_are_sorted_and_paged(clinic: StaffedClinic, ann: str) -> None:
    for number in range(30):
        clinic.patient(f"Q-{number}", f"Zoe {number:02}")
    with clinic.gateway.database.begin() as db:
        writer = db.scalars(select(Patient.id).where(Patient.name == "Zoe 17")).one()
    clinic.talk(("Hello", []), patient=writer)
    browser = clinic.signed_in()

    def first(sort: str) -> str:
        page = words_of(browser.get(f"/staff/patients?sort={sort}"))
        return page.partition("page 1 of 2 ")[2][:11].strip()

    assert [first(s) for s in ("activity", "session", "name")] == ["Zoe 17 Q-17", "Ann Example", "Ann Example"]
    second = words_of(browser.get("/staff/patients?sort=name&page=2"))
    assert ("Zoe 29" in second, "Ann Example" in second) == (True, False)
    assert "page 2 of 2" in words_of(browser.get("/staff/patients?sort=name&page=99999"))


def test_a_patients_page_tells_what_the_patient_is_told_today(clinic: StaffedClinic, ann: str) -> None:
    clinic.talk(("there is pus", [PUS]), patient=ann)
    page = words_of(clinic.signed_in().get(f"/staff/patients/{ann}"))
    for told in (
        "Ann Example", "Reference P-1", "07700 900123", "Day 2", "there is pus", "1 of 3 sessions done",
        "Getting your scalp wet Not yet You are on day 2. Keep your head dry.", "a new hairline", "Website chat",
    ):  # fmt: skip
        assert told in page
    assert clinic.actions()[-1] == "viewed"
    assert clinic.audit()[-1].subject == f"patient/{ann}"
    assert clinic.signed_in().get(f"/staff/patients/{'0' * 32}").status_code == 404


def test_a_patient_is_added(clinic: StaffedClinic) -> None:
    browser = clinic.signed_in()
    empty = filled(browser.get("/staff/patients/new"))
    answer = browser.post("/staff/patients/new", data=empty | {"name": "Ann", "email": "nonsense", "phone": "no"})
    assert answer.status_code == 422
    assert 'value="nonsense"' in answer.text
    for told in ("fill in: reference", "an e-mail address like", "a phone number with digits"):
        assert told in words_of(answer)
    right = {"name": "Ann Example", "reference": "P-1", "risk_diabetes": "yes", "phone": "+44 7700 900123"}
    answer = browser.post("/staff/patients/new", data=empty | right)
    assert answer.status_code == 303
    found = saved(clinic)
    assert (found.name, found.phone, found.email, found.risk_factors) == (
        "Ann Example", "+44 7700 900123", None, ["diabetes"],
    )  # fmt: skip
    assert answer.headers["location"] == f"/staff/patients/{found.id}?note=patient_added"
    again = browser.post("/staff/patients/new", data=empty | right)
    assert "Another patient has this reference." in words_of(again)


def test_what_a_changed_session_means_is_shown_before_it_is_saved(clinic: StaffedClinic, ann: str) -> None:
    browser, first = clinic.signed_in(), sessions(clinic)[0]
    path = f"/staff/patients/{ann}/courses/{first.course_id}/sessions/{first.id}"
    page, _ = changed(browser, path, date="2026-06-04", practitioner="Robin")
    told = words_of(page)
    assert "Healing day today Day 2 Day 6" in told
    assert "Getting your scalp wet Not yet Fine" in told
    assert "Sport" not in told
    assert sessions(clinic)[0].starts_at == first.starts_at
    back = browser.post(path, data=filled(page, step="edit"))
    assert 'value="2026-06-04"' in back.text
    assert browser.post(path, data=filled(page, step="save")).headers["location"].endswith("note=record_saved")
    now = sessions(clinic)[0]
    assert (now.starts_at.isoformat(), now.practitioner) == ("2026-06-04T09:00:00+00:00", "Robin")
    assert clinic.actions()[-1] == "session_changed"
    assert "Day 6" in words_of(browser.get(f"/staff/patients/{ann}"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"number": "2"}, "The course has a session 2 already."),
        ({"number": "21"}, "a whole number from 1 to 20"),
        ({"date": "10/06/2026"}, "like 2026-06-10"),
        ({"date": "2062-06-10"}, "check the year"),
        ({"time": "25:00"}, "like 09:30"),
        ({"date": "2026-03-29", "time": "01:30"}, "clocks go forward"),
        ({"date": "2026-07-01"}, "still to come"),
        ({"status": "held"}, "choose one of these"),
        ({"practitioner": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_wrong_session_is_told_by_its_field_and_nothing_typed_is_lost(
    clinic: StaffedClinic, ann: str, typed: dict[str, str], told: str
) -> None:
    browser, first = clinic.signed_in(), sessions(clinic)[0]
    path = f"/staff/patients/{ann}/courses/{first.course_id}/sessions/{first.id}"
    page, _ = changed(browser, path, **({"practitioner": "Typed Before"} | typed))
    assert page.status_code == 422
    assert told in words_of(page)
    assert 'aria-invalid="true"' in page.text
    assert f'value="{typed.get("practitioner", "Typed Before")}"' in page.text
    forced = browser.post(path, data=filled(page, step="save"))
    assert forced.status_code == 422
    assert sessions(clinic)[0].practitioner is None


def test_a_course_and_its_sessions_are_added(clinic: StaffedClinic, ann: str) -> None:
    browser = clinic.signed_in()
    for path, typed in (
        (f"/staff/patients/{ann}/courses/new", {"goal": "hairline", "planned_sessions": "2"}),
        (f"/staff/patients/{ann}/courses/2/sessions/new", {"date": "2026-06-09", "time": "10:00", "status": "done"}),
    ):
        page, _ = changed(browser, path, **typed)
        assert browser.post(path, data=filled(page, step="save")).status_code == 303
    page = words_of(browser.get(f"/staff/patients/{ann}"))
    assert "Course 2: a new hairline" in page
    assert "Day 1" in page
    other = clinic.patient("P-9", "Bob")
    assert browser.get(f"/staff/patients/{other}/courses/2").status_code == 404
    assert (
        browser.post(f"/staff/patients/{other}/courses/2", data=filled(browser.get("/staff/account"))).status_code
        == 404
    )


@pytest.mark.parametrize("when", ["preview", "save"])
def test_two_who_change_at_once_lose_nothing(clinic: StaffedClinic, ann: str, when: str) -> None:
    one, two = clinic.signed_in(), clinic.signed_in("admin")
    path = f"/staff/patients/{ann}/details"
    fields = filled(one.get(path), phone="020 1111 1111")
    if when == "save":
        fields = filled(one.post(path, data=fields), step="save")
    page, _ = changed(two, path, name="Ann Married")
    two.post(path, data=filled(page, step="save"))
    late = one.post(path, data=fields)
    assert late.status_code == 422
    assert "A colleague, or the patient in the chat, changed this record" in words_of(late)
    assert "The record now says: Ann Married" in words_of(late)
    assert 'value="020 1111 1111"' in late.text
    assert saved(clinic).phone == "07700 900123"
    again = one.post(path, data=filled(late, name="Ann Married"))
    assert one.post(path, data=filled(again, step="save")).status_code == 303
    assert (saved(clinic).name, saved(clinic).phone) == ("Ann Married", "020 1111 1111")


def rule(**typed: str) -> dict[str, str]:
    told = {"topic": "water", "from_day": "0", "to_day": "9", "verdict": "avoid", "reason": "A slow healer."}
    return told | {"text": "Keep your head dry until day 10.", "step": "preview"} | typed


def test_an_own_rule_is_previewed_holds_and_is_ended(clinic: StaffedClinic, ann: str) -> None:
    browser, path = clinic.signed_in(), f"/staff/patients/{ann}/rules/new"
    page, _ = changed(browser, path, **rule())
    answer = "You are on day 2. Your practitioner set this rule for you. Keep your head dry until day 10."
    assert answer in words_of(page)
    assert "Easy to read" in words_of(page)
    assert browser.post(path, data=filled(page, step="save")).status_code == 303
    shown = words_of(browser.get(f"/staff/patients/{ann}"))
    assert f"Own rule {answer}" in shown
    assert "Practitioner Person" in shown
    with clinic.gateway.database.begin() as db:
        number = db.scalars(select(Override.id)).one()
    end = f"/staff/patients/{ann}/rules/{number}/end"
    assert post(browser, end).headers["location"].endswith("note=rule_ended")
    assert post(browser, end).headers["location"].endswith("note=record_changed")
    shown = words_of(browser.get(f"/staff/patients/{ann}"))
    assert "You are on day 2. Keep your head dry." in shown
    assert "Ended by Practitioner Person" in shown
    with clinic.gateway.database.begin() as db:
        patient = db.get_one(Patient, ann)
        assert len(patient.overrides) == 1
        assert to_record(patient, load_pack(clinic.gateway.settings.content_dir).profile.zone).overrides == ()
    assert clinic.actions().count("rule_ended") == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"text": "Stop taking your tablets."}, "must never stop a medicine"),
        ({"text": ""}, "fill in: what the patient reads"),
        ({"reason": ""}, "fill in: reason"),
        ({"to_day": "0", "from_day": "3"}, "lies before the first"),
        ({"from_day": "-1"}, "from 0 to 365"),
        ({"topic": "golf"}, "choose one of these"),
    ],
)
def test_an_own_rule_that_cannot_be_is_refused(
    clinic: StaffedClinic, ann: str, typed: dict[str, str], told: str
) -> None:
    page, _ = changed(clinic.signed_in(), f"/staff/patients/{ann}/rules/new", **rule(**typed))
    assert page.status_code == 422
    assert told in words_of(page)


def test_consent_is_given_withdrawn_and_every_step_kept(clinic: StaffedClinic, ann: str) -> None:
    browser, path = clinic.signed_in(), f"/staff/patients/{ann}/consent"

    def step(given: str, seen: str, **more: str) -> str:
        told = {"kind": "assistant", "given": given, "seen": seen} | more
        return post(browser, path, **told).headers["location"].partition("note=")[2]

    assert step("yes", "0", how="signed the form") == "consent"
    assert step("no", "0") == "record_changed"
    with clinic.gateway.database.begin() as db:
        first = db.scalars(select(Consent.id)).one()
    assert step("yes", str(first)) == "record_changed"
    assert step("no", str(first), how="by phone") == "consent"
    page = words_of(browser.get(f"/staff/patients/{ann}"))
    assert "Messages with the assistant Withdrawn" in page
    assert "noted by Practitioner Person: signed the form" in page
    assert post(browser, path, kind="nothing", given="yes", seen="0").status_code == 404
    assert [a for a in clinic.actions() if a.startswith("consent")] == ["consent_given", "consent_withdrawn"]


def link_of(page: httpx.Response) -> str:
    import re

    found = re.search(r'value="[^"]*(/sign-in/[^"]+)" readonly', page.text)
    assert found
    return found.group(1)


def test_a_link_works_once_and_only_when_tapped(clinic: StaffedClinic, ann: str) -> None:
    staff = clinic.signed_in()
    page = post(staff, f"/staff/patients/{ann}/link", make="yes")
    told = words_of(page)
    for said in (
        "works once, within 14 days",
        "For Ann Today is day 2",
        "Emergency: 999",
        "020 7946 0000",
        "No water yet",
    ):
        assert said in told
    card = page.text.partition("<article")[2]
    assert "Example" not in card
    assert "P-1" not in card
    assert page.text.count("<svg") == 1
    path = link_of(page)
    looks, taps, late = clinic.browser(), clinic.browser(), clinic.browser()
    for _ in range(2):
        assert "set-cookie" not in looks.get(path).headers
    assert taps.post(path).headers["location"] == "/"
    assert taps.get("/api/conversation").json()["signed_in"] is True
    assert late.post(path).headers["location"] == "/?link=expired"
    assert late.get(path).headers["location"] == "/?link=expired"
    assert path not in staff.get(f"/staff/patients/{ann}").text


def test_unused_links_are_withdrawn(clinic: StaffedClinic, ann: str) -> None:
    staff, path = clinic.signed_in(), f"/staff/patients/{ann}/link"
    first = link_of(post(staff, path, make="yes"))
    assert "1 earlier unused link: made by Practitioner Person" in words_of(staff.get(f"/staff/patients/{ann}"))
    second = link_of(post(staff, path, make="yes", earlier="withdraw"))
    assert clinic.browser().post(first).headers["location"] == "/?link=expired"
    assert post(staff, path, earlier="withdraw").headers["location"].endswith("note=links_withdrawn")
    assert clinic.browser().post(second).headers["location"] == "/?link=expired"
    assert clinic.actions().count("links_withdrawn") == 2


def test_a_card_leaves_out_what_an_own_rule_says(clinic: StaffedClinic, ann: str) -> None:
    with clinic.gateway.database.begin() as db:
        told: dict[str, Any] = {"topic": "water", "from_day": 0, "verdict": "avoid", "text": "Secret words"}
        db.add(Override(patient_id=ann, reason="Why", author="Robin", created_at=NOW, **told))
    card = post(clinic.signed_in(), f"/staff/patients/{ann}/link", make="yes").text.partition("<article")[2]
    assert "Secret words" not in card
    assert "No water yet" not in card
    assert "a rule of your own for: getting your scalp wet" in card


def test_a_form_from_elsewhere_changes_nothing(clinic: StaffedClinic, ann: str) -> None:
    browser = clinic.signed_in()
    for path in ("", "/new", f"/{ann}/details", f"/{ann}/consent", f"/{ann}/rules/1/end", f"/{ann}/link"):
        assert browser.post(f"/staff/patients{path}", data={"csrf": "forged"}).status_code == 403
    assert csrf_of(browser.get("/staff/patients"))
