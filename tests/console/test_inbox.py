"""The inbox: who comes first, what is shown of a patient, and what staff do about it."""

import re

import httpx
import pytest
from sqlalchemy import select

from stipple.console import words
from stipple.records.staff_models import Audit
from tests.console.conftest import LOW, MISS, PERSON, PUS, THROAT, StaffedClinic, csrf_of, post, words_of

UNCLEAR = {"kind": "unclear", "intent": "unclear", "confidence": 0.9}


def hidden(page: httpx.Response, name: str) -> str:
    """What a hidden field of the page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found
    return found.group(1)


def cards(page: str) -> list[str]:
    """The cards of the danger signs, in order."""
    return re.findall(r'<li class="card[^"]*" id="danger-\d+".*?</li>', page, re.DOTALL)


def test_the_most_urgent_stands_first_and_the_taken_last(clinic: StaffedClinic) -> None:
    for trace in (PUS, THROAT, PUS, LOW):
        clinic.talk(("something is wrong", [trace]))
        clinic.pass_time(minutes=1)
    browser = clinic.signed_in()
    post(browser, f"/staff/alerts/{clinic.alerts()[1].id}/take")
    shown = cards(browser.get("/staff").text)
    levels = [re.search(r"level-edge-(\w+)", card).group(1) for card in shown]  # type: ignore[union-attr]
    assert levels == ["crisis", "emergency", "doctor", "doctor"]


def test_a_card_says_all_that_a_person_needs_and_no_name(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]), patient=clinic.patient("P-1", "Ann Mary Example"))
    clinic.pass_time(minutes=12)
    page = clinic.signed_in().get("/staff")
    for part in ("Doctor today", "told to see a doctor today", "A. M. E.", "day 3 of healing", "there is pus", "pus"):
        assert part in words_of(page)
    assert "today 10:00, 12 minutes ago" in words_of(page), "in the clinic's time zone"
    assert "Nobody looks after this yet" in words_of(page)
    assert 'href="tel:07700900123"' in page.text
    assert "Example" not in page.text


def test_a_visitor_has_no_name_and_no_number(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]))
    page = clinic.signed_in().get("/staff")
    assert "Visitor without a record" in words_of(page)
    assert "No phone number" in words_of(page)
    assert "tel:" not in page.text


def test_a_reviewer_reads_without_a_phone_number_and_changes_nothing(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("there is pus", [PUS]), patient=clinic.patient("P-1"))
    number = clinic.alerts()[0].id
    browser = clinic.signed_in("reviewer")
    for page in (browser.get("/staff"), browser.get(f"/staff/conversations/{conversation}")):
        assert "there is pus" in words_of(page)
        assert "A. E." in words_of(page)
        assert "Ann Example" not in page.text
        assert "07700" not in page.text
        assert "/take" not in page.text
    for page_of in ("close", "assign"):
        assert browser.get(f"/staff/alerts/{number}/{page_of}").status_code == 403
    for path in (f"alerts/{number}/take", f"alerts/{number}/assign", f"alerts/{number}/close"):
        refused = post(browser, f"/staff/{path}", outcome="called back")
        assert refused.status_code == 403
        assert "Your account may not open this page or change this." in words_of(refused)
    assert (clinic.alerts()[0].taken_by, clinic.alerts()[0].closed_by) == (None, None)


@pytest.mark.parametrize("role", ["practitioner", "admin"])
def test_staff_take_a_danger_sign(clinic: StaffedClinic, role: str) -> None:
    clinic.talk(("there is pus", [PUS]))
    number = clinic.alerts()[0].id
    browser = clinic.signed_in(role)
    response = post(browser, f"/staff/alerts/{number}/take")
    assert response.headers["location"] == "/staff?note=took"
    assert f"{role.capitalize()} Person looks after this" in words_of(browser.get("/staff?note=took"))
    assert "You look after this patient now." in words_of(browser.get("/staff?note=took"))
    assert "I take this" not in words_of(browser.get("/staff"))


def test_of_two_who_take_at_once_the_second_is_told(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]))
    number = clinic.alerts()[0].id
    first, second = clinic.signed_in("practitioner"), clinic.signed_in("admin")
    post(first, f"/staff/alerts/{number}/take", taken_before="")
    assert clinic.alerts()[0].taken_by_id == clinic.staff("practitioner").id
    late = post(second, f"/staff/alerts/{number}/take", taken_before="")
    assert late.headers["location"] == "/staff?note=taken_before"
    assert clinic.alerts()[0].taken_by == "Practitioner Person"
    assert "Take over from Practitioner Person" in words_of(second.get("/staff"))
    post(second, f"/staff/alerts/{number}/take", taken_before=hidden(second.get("/staff"), "taken_before"))
    assert clinic.alerts()[0].taken_by == "Admin Person"
    assert clinic.actions().count("took") == 2, "what was refused is not written down"


def test_a_danger_sign_is_closed_with_a_note_on_what_was_done(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("there is pus", [PUS]))
    number = clinic.alerts()[0].id
    browser = clinic.signed_in()
    page = browser.get(f"/staff/alerts/{number}/close")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text).group(1)  # type: ignore[union-attr]
    unjudged = post(browser, f"/staff/alerts/{number}/close", seen=seen, outcome="called her")
    assert unjudged.status_code == 422
    assert "Please choose what was the matter." in words_of(unjudged)
    assert "called her</textarea>" in unjudged.text
    judged = {"seen": seen, "code": "clinical_concern"}
    empty = post(browser, f"/staff/alerts/{number}/close", **judged, outcome="  ok ")
    assert re.search(r'value="clinical_concern"[^>]* checked', empty.text), "what was chosen is kept"
    assert empty.status_code == 422
    assert "Please write in a few words what was done" in words_of(empty)
    long = post(browser, f"/staff/alerts/{number}/close", **judged, outcome="x" * 2001)
    assert "at most 2000 characters; these are 2001" in words_of(long)
    assert clinic.alerts()[0].closed_at is None
    done = post(browser, f"/staff/alerts/{number}/close", **judged, outcome=" called her, sees her GP today ")
    assert done.headers["location"] == "/staff?note=closed"
    alert = clinic.alerts()[0]
    assert (alert.closed_by, alert.outcome) == ("Practitioner Person", "called her, sees her GP today")
    assert cards(browser.get("/staff").text) == []
    assert "called her, sees her GP today" in words_of(browser.get(f"/staff/conversations/{conversation}"))
    again = post(browser, f"/staff/alerts/{number}/close", **judged, outcome="called her again")
    assert again.status_code == 409
    assert "This is not open any more" in words_of(again)
    assert "called her again</textarea>" in again.text, "what was written can be copied"
    assert "Resolved as Clinical concern by Practitioner Person" in words_of(
        browser.get(f"/staff/conversations/{conversation}")
    )
    assert post(browser, f"/staff/alerts/{number}/take").headers["location"].endswith("gone")
    assert browser.get(f"/staff/alerts/{number}/close").status_code == 404


def test_what_became_worse_meanwhile_is_not_closed_unread(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("there is pus", [PUS]))
    number = clinic.alerts()[0].id
    browser = clinic.signed_in()
    page = browser.get(f"/staff/alerts/{number}/close")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text).group(1)  # type: ignore[union-attr]
    clinic.say(conversation, "now i cannot breathe", [THROAT])
    said = {"outcome": "called her, all well", "code": "fine"}
    late = post(browser, f"/staff/alerts/{number}/close", seen=seen, **said)
    assert late.status_code == 422
    assert "This has become more urgent" in words_of(late)
    assert "now i cannot breathe" in words_of(late)
    assert "called her, all well</textarea>" in late.text, "the note is kept"
    assert clinic.alerts()[0].closed_at is None
    assert "closed" not in clinic.actions()


def test_who_asked_for_a_person_waits_until_somebody_is_done(clinic: StaffedClinic) -> None:
    patient = clinic.patient("P-1")
    conversation = clinic.talk(("can i talk to someone", [PERSON]), patient=patient)
    browser = clinic.signed_in()
    page = browser.get("/staff")
    assert "Asked for a person" in words_of(page)
    assert "can i talk to someone" in words_of(page)
    reply = clinic.messages(conversation)[-1].id
    address = f"/staff/items/waiting/{reply}/resolve"
    assert post(browser, address, code="fine").headers["location"] == "/staff?note=resolved"
    assert post(browser, address, code="fine").status_code == 409, "pressed twice does no harm"
    assert "Nobody is waiting" in words_of(browser.get("/staff"))
    clinic.say(conversation, "hello? a person please", [PERSON])
    assert "hello? a person please" in words_of(browser.get("/staff"))


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([[MISS]], None),
        ([[MISS], [MISS]], "Was not understood, more than once"),
        ([[MISS], [UNCLEAR]], "Did not understand the answer, more than once"),
        ([[UNCLEAR]], None),
        ([[MISS], [{"kind": "smalltalk", "topic": "thanks"}]], None),
        ([[PERSON], [{"kind": "smalltalk", "topic": "thanks"}]], None),
    ],
)
def test_a_second_miss_in_a_row_needs_a_person(clinic: StaffedClinic, turns: list[list[dict]], reason: str) -> None:  # type: ignore[type-arg]
    clinic.talk(*(("what about the thing", trace) for trace in turns))
    shown = words_of(clinic.signed_in().get("/staff"))
    assert (reason or "Nobody is waiting") in shown


def test_what_the_assistant_could_not_answer_waits_and_a_danger_sign_stands_only_above(clinic: StaffedClinic) -> None:
    clinic.talk(("can i swim", []), outcome="fallback")
    clinic.talk(("there is pus", [PUS]), ("a person please", [PERSON]))
    shown = words_of(clinic.signed_in().get("/staff"))
    assert "The assistant could not answer" in shown
    assert "Asked for a person" not in shown


def test_nobody_waits_for_longer_than_a_week_or_after_staff_have_written(clinic: StaffedClinic) -> None:
    clinic.talk(("a person please", [PERSON]))
    clinic.pass_time(days=8)
    answered = clinic.talk(("someone please", [PERSON]))
    clinic.gateway.log(answered, "staff", "Hello, Robin here")
    clinic.now = clinic.messages(answered)[-1].sent_at
    clinic.pass_time(minutes=1)
    assert "Nobody is waiting" in words_of(clinic.signed_in().get("/staff"))


def test_hostile_words_are_shown_as_words(clinic: StaffedClinic) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }}"
    name = "<b>Eve</b> O'Hara"
    conversation = clinic.talk(
        (hostile, [PUS]), (hostile, [PERSON]), patient=clinic.patient("<i>1</i>", name, "<u>0</u>")
    )
    browser = clinic.signed_in()
    number = clinic.alerts()[0].id
    pages = ["/staff", "/staff/inbox", f"/staff/conversations/{conversation}", f"/staff/alerts/{number}/close"]
    pages += ["/staff/conversations", "/staff/conversations?reference=%22%3E%3Cscript%3E", "/staff?note=%3Cscript%3E"]
    pages += ["/staff/conversations?from=%3Cscript%3E"]
    for path in pages:
        page = browser.get(path)
        assert page.status_code == 200, path
        assert not re.search(r"<script>|<img|<b>Eve|<i>1|<u>0", page.text), path
        assert "onerror" not in re.sub(r">[^<]*<", "><", page.text), "not in any attribute"
    assert "{{ 7*7 }}" in words_of(browser.get("/staff"))


def test_what_staff_do_is_written_down_without_the_patients_words(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("there is pus", [PUS]), patient=clinic.patient("P-1"))
    number = clinic.alerts()[0].id
    browser = clinic.signed_in()
    browser.get("/staff")
    browser.get(f"/staff/conversations/{conversation}")
    post(browser, f"/staff/alerts/{number}/take")
    seen = f"{number}-doctor-1"
    post(browser, f"/staff/alerts/{number}/close", seen=seen, outcome="said there is pus", code="fine")
    rows = [
        (r.action, r.subject, r.staff_id) for r in clinic.audit() if r.action.startswith(("viewed", "took", "closed"))
    ]
    me = clinic.staff("practitioner").id
    assert rows == [
        ("viewed", f"conversation/{conversation}", me),
        ("took", f"alert/{number}", me),
        ("closed", f"alert/{number}", me),
    ]
    assert "pus" not in " ".join(f"{r.detail} {r.subject}" for r in clinic.audit())


def test_the_audit_cannot_be_changed(clinic: StaffedClinic) -> None:
    clinic.signed_in()
    with clinic.gateway.database.begin() as db:
        db.delete(db.scalars(select(Audit)).first())
        with pytest.raises(ValueError, match="cannot change"):
            db.flush()
        db.rollback()


def test_the_part_that_the_script_fetches_is_the_pages_own(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]))
    browser = clinic.signed_in()
    whole, part = browser.get("/staff").text, browser.get("/staff/inbox").text
    assert cards(whole) == cards(part) != []
    assert csrf_of(browser.get("/staff")) in part


@pytest.mark.parametrize(
    "path", ["alerts/0/close", "alerts/99999999999999999999/close", "alerts/x/close", "alerts/7/close"]
)
def test_what_is_not_there_is_said_in_plain_words(clinic: StaffedClinic, path: str) -> None:
    response = clinic.signed_in().get(f"/staff/{path}")
    assert response.status_code == 404
    assert "Nothing is here" in words_of(response)


def test_times_and_names_in_words() -> None:
    assert words.masked("ann  van example") == "A. V. E."
    assert words.masked(" ") == "No name"
    assert words.tel("+44 (0)20 7946-0000") == "tel:+4402079460000"
