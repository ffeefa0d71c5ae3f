"""The wording pages: typing, proposing, deciding and going back, through the real gateway."""

import html
import re
from pathlib import Path

import httpx
import pytest

from actions.knowledge import Knowledge
from stipple.console.accounts import add_account
from stipple.content.pack import load_pack
from stipple.records.models import Instruction
from stipple.records.staff_models import Staff
from stipple.records.wordings import publish_pack
from stipple.settings import ROOT
from tests.console.conftest import NOW, PASSWORD, StaffedClinic, enter, post, words_of

RULE = "aftercare/water/0-3"
FLAG = "red_flag/sepsis"
EDIT, CHECK = f"/staff/wordings/edit/{RULE}", f"/staff/wordings/check/{RULE}"
NEW = {
    "text": "Keep your head dry until day 4.",
    "why": "The dots are small wounds.",
    "simpler": "No water on your head yet.",
}
NASTY = "<script>alert(1)</script><b>'\"&amp;"


@pytest.fixture(scope="session")
def content() -> Path:
    """The shipped content: its fixed sentences surround each wording."""
    return ROOT / "data" / "clinic"


@pytest.fixture
def shipped(clinic: StaffedClinic) -> StaffedClinic:
    """The clinic with the shipped wordings published."""
    with clinic.gateway.database.begin() as db:
        publish_pack(db, load_pack(ROOT / "data" / "clinic"), "content files", NOW)
    return clinic


def propose(browser: httpx.Client, base: int = 1, **fields: str) -> httpx.Response:
    return post(browser, EDIT, do="propose", based_on=str(base), **(NEW | fields))


def typed(page: httpx.Response) -> dict[str, str]:
    """What stands in the page's fields."""
    found = re.findall(r'<textarea id="(\w+)"[^>]*>([^<]*)</textarea>', page.text)
    return {name: html.unescape(text) for name, text in found}


def second(clinic: StaffedClinic) -> httpx.Client:
    """Another practitioner's browser."""
    with clinic.gateway.database.begin() as db:
        add_account(db, "sam@clinic.example", "Sam Lee", "practitioner", PASSWORD, NOW)
    browser = clinic.browser()
    assert enter(browser, "sam@clinic.example").status_code == 303
    return browser


def test_from_the_instruction_to_what_patients_read(shipped: StaffedClinic) -> None:
    robin, admin = shipped.signed_in(), shipped.signed_in("admin")
    assert f'href="{EDIT}?from=clarity"' in robin.get(f"/staff/clarity/{RULE}").text
    assert "Back to the instruction" in words_of(robin.get(f"{EDIT}?from=clarity"))
    sent = propose(robin)
    assert sent.status_code == 303
    address = sent.headers["location"]
    own = robin.get(address)
    assert "Proposed. A colleague who is a practitioner can approve it now." in words_of(own)
    assert "Approve and publish" not in own.text
    listed = words_of(robin.get("/staff/wordings"))
    assert re.search(r"Waiting for approval 1 Aftercare: getting your scalp wet day 0 to 3 yours today", listed)
    assert "Practitioner Person, today" in words_of(admin.get("/staff/wordings"))
    page = admin.get(address.partition("?")[0])
    assert "<del>" in page.text
    assert "<ins>" in page.text
    assert "You are on day 1 of healing. Keep your head dry until day 4." in words_of(page)
    done = post(admin, f"{address.partition('?')[0]}/approve")
    assert done.headers["location"] == f"/staff/clarity/{RULE}?note=wording_published"
    said = words_of(admin.get(done.headers["location"]))
    assert "Approved and published. Patients read it from their next message on." in said
    assert (
        "Version 2 what patients read now Proposed by Practitioner Person, approved today 10:00 by Admin Person" in said
    )
    assert "version 2 Approved by Admin Person" in words_of(admin.get("/staff/wordings"))
    assert {"wording_proposed", "wording_approved"} <= set(shipped.actions())


def test_what_is_published_reaches_the_running_action_server_and_gateway(
    shipped: StaffedClinic, no_settings: pytest.MonkeyPatch
) -> None:
    no_settings.setenv("STIPPLE_DATABASE_URL", shipped.gateway.settings.database_url)
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(ROOT / "data" / "clinic"))
    actions = Knowledge()
    with actions.database.begin() as db:
        assert actions.current(db)[1][RULE].version == 1
    admin = shipped.signed_in("admin")
    post(admin, propose(shipped.signed_in()).headers["location"].partition("?")[0] + "/approve")
    with actions.database.begin() as db:
        published = actions.current(db)[1][RULE]
        assert (published.version, published.text) == (2, NEW["text"])
    actions.database.engine.dispose()

    said = "i took a fever and i am shaking, my scalp is hot and i am confused, i think it is sepsis"
    before = shipped.gateway.send(said).json()["messages"][-1]["text"]
    assert "you fear sepsis" in before
    words = {
        "text": "Call {emergency_number} now. Say the word sepsis.",
        "why": "",
        "simpler": "Call {emergency_number}.",
    }
    sent = post(shipped.signed_in(), f"/staff/wordings/edit/{FLAG}", do="propose", based_on="1", **words)
    post(admin, sent.headers["location"].partition("?")[0] + "/approve")
    assert shipped.gateway.send(said).json()["messages"][-1]["text"] == "Call 999 now. Say the word sepsis."
    deliveries = [t for t in shipped.gateway.messages()[-1].trace if t["rule_id"] == FLAG]
    assert [t["wording_version"] for t in deliveries] == [2]


def test_typing_is_judged_and_kept(shipped: StaffedClinic) -> None:
    robin = shipped.signed_in()
    hard = "Subsequently moisturise affected epidermal areas."
    part = post(robin, CHECK, based_on="1", **(NEW | {"text": hard}))
    assert part.status_code == 200
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part.text)).split())
    assert "This is too hard to read: grade" in said
    assert "Long words: subsequently, moisturise, affected, epidermal, areas." in said
    assert f"You are on day 1 of healing. {hard}" in said
    assert "<main" not in part.text
    again = robin.get(EDIT)
    assert typed(again)["text"] == hard
    assert "Your draft is saved" in words_of(again)
    assert "Your drafts 1" in words_of(robin.get("/staff/wordings"))
    assert typed(shipped.signed_in("admin").get(EDIT))["text"] != hard
    assert shipped.actions().count("wording_drafted") == 1
    thrown = post(robin, EDIT, do="discard")
    assert "Your draft is thrown away." in words_of(robin.get(thrown.headers["location"]))
    assert "Your drafts" not in words_of(robin.get("/staff/wordings"))


def test_looking_without_typing_keeps_no_draft(shipped: StaffedClinic) -> None:
    robin = shipped.signed_in()
    assert post(robin, CHECK, based_on="1", **typed(robin.get(EDIT))).status_code == 200
    assert "Your drafts" not in words_of(robin.get("/staff/wordings"))


def test_the_check_button_does_without_script_what_the_script_does(shipped: StaffedClinic) -> None:
    robin = shipped.signed_in()
    page = post(robin, EDIT, do="check", based_on="1", **NEW)
    assert page.status_code == 200
    assert "Checked and kept. Patients can be told this." in words_of(page)
    page = post(robin, EDIT, do="check", based_on="1", **(NEW | {"text": "It costs £50."}))
    assert "The assistant must never quote a price. Please leave out “£5”." in words_of(page)
    assert 'aria-invalid="true"' in page.text
    assert typed(robin.get(EDIT))["text"] == "It costs £50."


def test_what_is_refused_comes_back_as_it_was_typed(shipped: StaffedClinic) -> None:
    robin = shipped.signed_in()
    page = propose(robin, text="You are eligible.", why="Because £5.")
    assert page.status_code == 422
    assert "Patients cannot be told this yet. See below." in words_of(page)
    assert page.text.count('aria-invalid="true"') == 2
    assert typed(page) == NEW | {"text": "You are eligible.", "why": "Because £5."}
    assert "wording_proposed" not in shipped.actions()


def test_nothing_put_in_a_field_becomes_markup(shipped: StaffedClinic) -> None:
    robin, admin = shipped.signed_in(), shipped.signed_in("admin")
    everywhere = dict.fromkeys(NEW, NASTY)
    pages = [post(robin, EDIT, do="check", based_on="1", **{"from": NASTY}, **everywhere)]
    pages.append(post(robin, CHECK, based_on=NASTY, **everywhere))
    sent = post(robin, EDIT, do="propose", based_on="1", **dict.fromkeys(NEW, "<b>Dry</b> <i>head</i>."))
    address = sent.headers["location"].partition("?")[0]
    pages += [robin.get(address), admin.get(address), post(admin, f"{address}/reject", reason="<b>")]
    post(admin, f"{address}/reject", reason=NASTY)
    pages += [
        robin.get(address),
        robin.get(EDIT, params={"from": NASTY}),
        robin.get("/staff/wordings", params={"q": NASTY}),
    ]
    post(admin, propose(robin).headers["location"].partition("?")[0] + "/approve")
    pages.append(post(admin, f"/staff/wordings/back/1/{RULE}", seen="9", reason=NASTY))
    post(admin, f"/staff/wordings/back/1/{RULE}", seen="2", reason=NASTY)
    pages.append(admin.get(f"/staff/clarity/{RULE}"))
    assert [p.status_code for p in pages] == [200, 200, 200, 200, 422, 200, 200, 200, 422, 200]
    for page in pages:
        assert not re.search(r"<script>|<b>|<i>|='\"&", page.text)
    assert "&lt;script&gt;" in pages[-1].text


def test_a_page_shown_before_a_colleague_published_tells_it_and_loses_nothing(shipped: StaffedClinic) -> None:
    robin, admin, sam = shipped.signed_in(), shipped.signed_in("admin"), second(shipped)
    sam_typed = {"text": "Keep all water off your head for now."}
    waiting = propose(shipped.signed_in("reviewer"), text="No water yet.").headers["location"].partition("?")[0]
    post(admin, propose(robin).headers["location"].partition("?")[0] + "/approve")
    page = propose(sam, base=1, **sam_typed)
    assert page.status_code == 422
    said = words_of(page)
    assert "Version 2 was published since." in said
    assert "What version 2 changed since you began" in said
    assert typed(page) == NEW | sam_typed
    assert 'name="based_on" value="2"' in page.text
    assert propose(sam, base=2, **sam_typed).status_code == 303
    stale = sam.get(waiting)
    assert "Out of date: version 2 was published since. It must be proposed again." in words_of(stale)
    assert "Approve and publish" not in stale.text
    refused = post(sam, f"{waiting}/approve")
    assert refused.status_code == 422
    assert "Version 2 was published since." in words_of(refused)
    assert "out of date" in words_of(sam.get("/staff/wordings"))


def test_sent_back_with_a_reason_and_taken_back(shipped: StaffedClinic) -> None:
    reviewer, robin = shipped.signed_in("reviewer"), shipped.signed_in()
    address = propose(reviewer).headers["location"].partition("?")[0]
    page = post(robin, f"{address}/reject", reason="no")
    assert page.status_code == 422
    assert typed(page)["reason"] == "no"
    assert (
        post(robin, f"{address}/reject", reason="Day 4 is too soon.").headers["location"].endswith("proposal_rejected")
    )
    assert "Sent back by Practitioner Person today 10:00, just now : Day 4 is too soon." in words_of(
        reviewer.get(address)
    )
    address = propose(reviewer).headers["location"].partition("?")[0]
    taken = post(reviewer, f"{address}/withdraw")
    page = reviewer.get(taken.headers["location"])
    assert "Withdrawn. The text is your draft again." in words_of(page)
    assert typed(page) == NEW


def test_back_to_the_version_before(shipped: StaffedClinic) -> None:
    robin, admin = shipped.signed_in(), shipped.signed_in("admin")
    first = typed(robin.get(EDIT))["text"]
    post(admin, propose(robin).headers["location"].partition("?")[0] + "/approve")
    back = f"/staff/wordings/back/1/{RULE}"
    assert f'href="{back}"' in robin.get(f"/staff/clarity/{RULE}").text
    assert "These words were approved before" in words_of(robin.get(back))
    page = post(robin, back, seen="2", reason="x")
    assert (page.status_code, typed(page)["reason"]) == (422, "x")
    assert post(robin, back, seen="2", reason="Patients took it wrong.").status_code == 303
    said = words_of(robin.get(f"/staff/clarity/{RULE}"))
    assert "Back to version 1, today 10:00 by Practitioner Person: Patients took it wrong." in said
    assert typed(robin.get(EDIT))["text"] == first
    assert "Back to version 1, by Practitioner Person" in words_of(robin.get("/staff/wordings"))
    assert robin.get(f"/staff/wordings/back/3/{RULE}").status_code == 404


def test_a_retired_instruction_says_so(shipped: StaffedClinic) -> None:
    robin = shipped.signed_in()
    with shipped.gateway.database.begin() as db:
        db.get_one(Instruction, RULE).retired_at = NOW
    assert "no longer used, so its words cannot change" in words_of(robin.get(EDIT))
    page = propose(robin)
    assert page.status_code == 422
    assert typed(page) == NEW
    assert "Reword this" not in robin.get(f"/staff/clarity/{RULE}").text
    listed = words_of(robin.get("/staff/wordings?q=getting+your+scalp+wet"))
    assert "Aftercare: getting your scalp wet day 4 to 6" in listed.partition("found.")[2]
    assert "Aftercare: getting your scalp wet day 0 to 3" not in listed.partition("found.")[2]


def test_a_reviewer_proposes_but_decides_nothing(shipped: StaffedClinic) -> None:
    reviewer, robin = shipped.signed_in("reviewer"), shipped.signed_in()
    address = propose(robin).headers["location"].partition("?")[0]
    assert "A practitioner decides about this." in words_of(reviewer.get(address))
    for path in (f"{address}/approve", f"{address}/reject", f"/staff/wordings/back/1/{RULE}"):
        assert post(reviewer, path, reason="because", seen="1").status_code == 403
    assert propose(reviewer, text="No water yet.").status_code == 303


def test_who_was_disabled_meanwhile_approves_nothing(shipped: StaffedClinic) -> None:
    robin, admin = shipped.signed_in(), shipped.signed_in("admin")
    address = propose(robin).headers["location"].partition("?")[0]
    with shipped.gateway.database.begin() as db:
        db.get_one(Staff, shipped.staff("admin").id).disabled_at = NOW
    assert admin.post(f"{address}/approve").headers["location"].startswith("/staff/sign-in")
    assert "Version 1 what patients read now" in words_of(robin.get(f"/staff/clarity/{RULE}"))


@pytest.mark.parametrize(
    "path",
    ["edit/nothing", "edit/aftercare/water/9-", "proposals/77", "proposals/x", f"back/7/{RULE}", f"back/0/{RULE}", "x"],
)
def test_what_is_not_there_is_told(shipped: StaffedClinic, path: str) -> None:
    assert shipped.signed_in().get(f"/staff/wordings/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["edit/nothing", "check/nothing", "proposals/77/approve", "proposals/77/withdraw", "back/1/nothing"],
)
def test_nothing_is_decided_about_what_is_not_there(shipped: StaffedClinic, path: str) -> None:
    assert post(shipped.signed_in(), f"/staff/wordings/{path}", do="propose", **NEW).status_code == 404


def test_every_change_needs_a_sign_in_and_the_forms_secret(shipped: StaffedClinic) -> None:
    robin, nobody = shipped.signed_in(), shipped.browser()
    for path in (EDIT, CHECK, "/staff/wordings/proposals/1/approve", f"/staff/wordings/back/1/{RULE}"):
        assert robin.post(path, data=NEW | {"csrf": "guessed"}).status_code == 403
        assert nobody.post(path, data=NEW).headers["location"].startswith("/staff/sign-in")
    assert nobody.post(CHECK, data=NEW, headers={"x-stipple-watch": "1"}).status_code == 401


@pytest.mark.parametrize("base", ["", "-1", "x", "9" * 30, "٣"])
def test_a_version_that_is_no_number_is_out_of_date(shipped: StaffedClinic, base: str) -> None:
    page = post(shipped.signed_in(), EDIT, do="propose", based_on=base, **NEW)
    assert page.status_code == 422
    assert typed(page) == NEW
