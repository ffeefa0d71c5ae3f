"""The inbox below the danger signs: what stands there, and what staff do about it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from stipple.console import needs, tasks
from stipple.records.clarity import count_reply
from stipple.records.conversations import add_deliveries
from stipple.records.models import Instruction, Message
from stipple.records.resolution_models import Keeping, Resolution
from stipple.records.resolutions import Wanted, count, read
from tests.console.conftest import MISS, PERSON, PUS, WATER, StaffedClinic, post, words_of
from tests.console.test_inbox import hidden

UNCLEAR = {"kind": "unclear", "intent": "unclear", "rule_id": WATER["rule_id"]}
NO_HELP = {"kind": "feedback", "topic": "not_helpful", "intent": "feedback/not_helpful"}
WATER_NAME = "Aftercare: getting your scalp wet, day 0 to 3"


def say(clinic: StaffedClinic, conversation: str, text: str, item: dict[str, Any]) -> int:
    """One more message and its reply, counted as the gateway does; the number of the patient's message."""
    clinic.say(conversation, text, [item])
    with clinic.gateway.database.begin() as db:
        asked, reply = db.scalars(
            select(Message).where(Message.conversation_id == conversation).order_by(Message.sequence.desc()).limit(2)
        ).all()[::-1]
        add_deliveries(db, reply, "web")
        db.flush()
        count_reply(db, reply)
        return asked.id


@pytest.fixture
def confused(clinic: StaffedClinic) -> tuple[str, int]:
    """A patient who was shown an instruction and did not understand it: the conversation and their message."""
    with clinic.gateway.database.begin() as db:
        if db.get(Instruction, WATER["rule_id"]) is None:
            db.add(Instruction(id=WATER["rule_id"], subject="aftercare", topic="water"))
    conversation = clinic.talk(patient=clinic.patient("P-1", "Ann Mary Example"))
    say(clinic, conversation, "can i shower", WATER)
    return conversation, say(clinic, conversation, "i don't get that", UNCLEAR)


def path(number: int, step: str, kind: str = "unclear") -> str:
    grouped = kind in needs.GROUPED
    return f"/staff/items/{kind}/{number}/{step}" + (f"?instruction={WATER['rule_id']}" if grouped else "")


def shown(page: str, kind: str) -> list[str]:
    """The cards of a section, in order."""
    return re.findall(rf'<li class="card[^"]*" id="{kind}-\d+.*?</li>', page, re.DOTALL)


def rows(clinic: StaffedClinic, table: type[Any]) -> list[Any]:
    with clinic.gateway.database.begin() as db:
        return list(db.scalars(select(table).order_by(table.id)))


def test_an_unclear_instruction_has_one_card_for_each_conversation(
    clinic: StaffedClinic, confused: tuple[str, int]
) -> None:
    conversation, _ = confused
    clinic.pass_time(minutes=5)
    last = say(clinic, conversation, "still no idea", UNCLEAR)
    page = clinic.signed_in().get("/staff")
    (card,) = shown(page.text, "unclear")
    for part in (WATER_NAME, "A. M. E.", "day 3 of healing", "still no idea", "2 times", "today 10:05"):
        assert part in card
    assert f'href="/staff/conversations/{conversation}?start=1#message-{last}"' in card
    assert "Example" not in page.text
    assert "older" not in card
    assert "30 days" in words_of(page), "the page says what falls out"


def test_each_kind_stands_in_its_section_the_newest_first(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    conversation, _ = confused
    say(clinic, conversation, "that is no help", NO_HELP)
    for words in ("blorp", "wibble"):
        clinic.pass_time(minutes=1)
        say(clinic, clinic.talk(), words, MISS)
    page = clinic.signed_in("reviewer").get("/staff").text
    assert ["wibble" in card for card in shown(page, "missed")] == [True, False]
    assert "that is no help" in shown(page, "not_helpful")[0]
    assert len(shown(page, "unclear")) == 1
    assert re.search(r'id="missed-count" data-live>2<', page)


def test_who_did_not_understand_nobody_knows_what_is_not_forgotten(clinic: StaffedClinic) -> None:
    say(clinic, clinic.talk(), "what do you mean", UNCLEAR)
    (card,) = shown(clinic.signed_in().get("/staff").text, "missed")
    assert "Did not understand the assistant" in card


def test_what_is_old_falls_out(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    say(clinic, confused[0], "blorp", MISS)
    clinic.pass_time(days=needs.KEPT_DAYS - 1)
    assert len(shown(clinic.signed_in().get("/staff").text, "unclear")) == 1
    clinic.pass_time(days=2)
    page = clinic.signed_in().get("/staff").text
    assert shown(page, "unclear") + shown(page, "missed") + shown(page, "waiting") == []


def test_a_section_shows_some_and_all_are_pages_away(clinic: StaffedClinic) -> None:
    for number in range(27):
        say(clinic, clinic.talk(), f"blorp {number}", MISS)
    browser = clinic.signed_in("reviewer")
    page = browser.get("/staff")
    assert len(shown(page.text, "missed")) == 5
    assert "Show all 27" in words_of(page)
    first, second = (browser.get(f"/staff/inbox/missed?page={n}") for n in (1, 2))
    assert [len(shown(p.text, "missed")) for p in (first, second)] == [25, 2]
    assert "27 of the last 30 days, page 1 of 2" in words_of(first)
    assert browser.get("/staff/inbox/missed?page=99").text.count('<li class="card') == 2
    assert browser.get("/staff/inbox/missed?page=x").status_code == 200
    assert browser.get("/staff/inbox/nothing").status_code == 404
    assert ("viewed", "inbox/missed") in [(r.action, r.subject) for r in clinic.audit()]


def test_taking_shows_to_all_and_a_slower_colleague_is_told(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    number = confused[1]
    first, second = clinic.signed_in("reviewer"), clinic.signed_in("admin")
    assert post(first, path(number, "take"), kept_before="").headers["location"] == "/staff?note=kept"
    assert "You look after this" in words_of(first.get("/staff"))
    assert "Reviewer Person looks after this" in words_of(second.get("/staff"))
    late = post(second, path(number, "take"), kept_before="")
    assert late.headers["location"] == "/staff?note=taken_before"
    now = hidden(second.get("/staff"), "kept_before")
    assert post(second, path(number, "take"), kept_before=now).headers["location"] == "/staff?note=kept"
    assert [k.staff_id for k in rows(clinic, Keeping)] == [clinic.staff(r).id for r in ("reviewer", "admin")]
    assert clinic.actions().count("took") == 2


def test_an_item_is_given_to_a_colleague(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    number, other = confused[1], clinic.staff("reviewer")
    browser = clinic.signed_in()
    page = browser.get(path(number, "assign"))
    assert "Reviewer Person" in words_of(page)
    assert "Example" not in page.text
    empty = post(browser, path(number, "assign"), to="")
    assert (empty.status_code, "Please choose a colleague." in words_of(empty)) == (422, True)
    given = post(browser, path(number, "assign"), to=str(other.id), who="nobody")
    assert given.headers["location"] == "/staff?who=nobody&note=given"
    assert "Reviewer Person looks after this, asked by Practitioner Person" in words_of(browser.get("/staff"))
    assert ("assigned", f"unclear/{number}", f"to staff/{other.id}") in [
        (r.action, r.subject, r.detail) for r in clinic.audit()
    ]


def test_only_who_looks_after_patients_can_be_put_in_charge_of_them(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("a person please", [PERSON]))
    clinic.talk(("there is pus", [PUS]))
    reply, alert = clinic.messages(conversation)[-1].id, clinic.alerts()[0].id
    browser, reviewer = clinic.signed_in(), clinic.staff("reviewer")
    for address in (path(reply, "assign", "waiting"), f"/staff/alerts/{alert}/assign"):
        assert "Reviewer Person" not in words_of(browser.get(address))
        refused = post(browser, address, to=str(reviewer.id))
        assert "Please choose a colleague from the list." in words_of(refused)
    small = clinic.signed_in("reviewer")
    for step in ("take", "assign", "resolve"):
        assert post(small, path(reply, step, "waiting"), code="fine").status_code == 403
    assert small.get(path(reply, "resolve", "waiting")).status_code == 403
    assert "/items/waiting" not in small.get("/staff").text
    assert rows(clinic, Keeping) + rows(clinic, Resolution) == []


def test_staff_are_told_of_a_danger_sign_until_whoever_was_asked_takes_it(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]))
    number, admin = clinic.alerts()[0].id, clinic.staff("admin")
    browser, other = clinic.signed_in(), clinic.signed_in("admin")
    asked = post(browser, f"/staff/alerts/{number}/assign", to=str(admin.id))
    assert asked.headers["location"] == "/staff?note=assigned"
    alert = clinic.alerts()[0]
    assert (alert.taken_by, alert.taken_by_id, alert.taken_at) == ("Admin Person", admin.id, None)
    page = other.get("/staff")
    assert "Admin Person was asked to look after this and has not taken it yet" in words_of(page)
    post(other, f"/staff/alerts/{number}/take", taken_before=hidden(page, "taken_before"))
    assert clinic.alerts()[0].taken_at is not None
    assert "Admin Person looks after this" in words_of(browser.get("/staff"))


def test_a_resolved_item_is_gone_for_all_and_stands_beside_the_message(
    clinic: StaffedClinic, confused: tuple[str, int]
) -> None:
    conversation, number = confused
    browser = clinic.signed_in("reviewer")
    page = browser.get(path(number, "resolve"))
    assert "i don't get that" in words_of(page)
    empty = post(browser, path(number, "resolve"), note="what is a shower")
    assert (empty.status_code, "Please choose what was the matter." in words_of(empty)) == (422, True)
    assert "what is a shower</textarea>" in empty.text
    long = post(browser, path(number, "resolve"), code="incomplete", note="x" * 2001)
    assert "at most 2000 characters" in words_of(long)
    assert re.search(r'value="incomplete"[^>]* checked', long.text)
    done = post(browser, path(number, "resolve"), code="incomplete", note=" say how long ", who="mine")
    assert done.headers["location"] == "/staff?who=mine&note=resolved"
    assert shown(clinic.signed_in("admin").get("/staff").text, "unclear") == []
    talk = clinic.signed_in("admin").get(f"/staff/conversations/{conversation}")
    beside = talk.text.partition(f'id="message-{number}"')[2].partition("</li>")[0]
    words = re.sub(r"<[^>]+>", "", beside)
    assert f"Resolved as Incomplete ({WATER_NAME}) by Reviewer Person, today 10:00: say how long" in words
    assert browser.get(path(number, "resolve")).status_code == 404
    assert [(r.action, r.detail) for r in clinic.audit() if r.action == "resolved"] == [("resolved", "incomplete")]


def test_of_two_who_resolve_at_once_the_second_keeps_what_they_wrote(
    clinic: StaffedClinic, confused: tuple[str, int]
) -> None:
    first, second = clinic.signed_in("reviewer"), clinic.signed_in("admin")
    post(first, path(confused[1], "resolve"), code="fine", note="all good")
    late = post(second, path(confused[1], "resolve"), code="unclear_wording", note="hard words")
    assert late.status_code == 409
    assert "Reviewer Person resolved it today 10:00 as Fine : all good" in words_of(late)
    assert "hard words</textarea>" in late.text
    assert [r.code for r in rows(clinic, Resolution)] == ["fine"]
    assert post(second, path(confused[1], "take")).headers["location"] == "/staff?note=gone"


def test_who_is_confused_again_comes_back_as_a_new_item(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    conversation, number = confused
    browser = clinic.signed_in()
    post(browser, path(number, "take"))
    post(browser, path(number, "resolve"), code="fine")
    clinic.pass_time(days=1)
    again = say(clinic, conversation, "i still do not get it", UNCLEAR)
    browser = clinic.signed_in()
    (card,) = shown(browser.get("/staff").text, "unclear")
    assert "i still do not get it" in card
    assert "Nobody looks after this yet" in card
    assert "times" not in card
    assert post(browser, path(again, "resolve"), code="fine").headers["location"] == "/staff?note=resolved"
    assert [r.message_id for r in rows(clinic, Resolution)] == [number, again]


def test_what_the_patient_wrote_meanwhile_is_not_resolved_unread(
    clinic: StaffedClinic, confused: tuple[str, int]
) -> None:
    conversation, number = confused
    browser = clinic.signed_in()
    newer = say(clinic, conversation, "and now even less", UNCLEAR)
    late = post(browser, path(number, "resolve"), code="fine", note="explained")
    assert late.status_code == 422
    for part in ("has written this again", "and now even less", "explained"):
        assert part in words_of(late)
    assert f"/staff/items/unclear/{newer}/resolve" in late.text
    assert rows(clinic, Resolution) == []


def test_the_inbox_is_narrowed_down_by_who_looks_after_it(clinic: StaffedClinic) -> None:
    for words in ("blorp", "wibble", "zonk"):
        say(clinic, clinic.talk(), words, MISS)
    for _ in range(3):
        clinic.talk(("there is pus", [PUS]))
    browser, other = clinic.signed_in(), clinic.signed_in("admin")
    with clinic.gateway.database.begin() as db:
        replies = list(db.scalars(select(Message.id).where(Message.need == "missed").order_by(Message.id)))
    post(browser, path(replies[0], "take", "missed"))
    post(other, path(replies[1], "take", "missed"))
    for person, alert in zip((browser, other), clinic.alerts(), strict=False):
        post(person, f"/staff/alerts/{alert.id}/take")

    def said(who: str) -> list[str]:
        return sorted(re.findall(r"<blockquote>(\w+)</blockquote>", browser.get(f"/staff?who={who}").text))

    assert (said("mine"), said("nobody"), said("x")) == (["blorp"], ["zonk"], ["blorp", "wibble", "zonk"])
    mine, nobody = browser.get("/staff?who=mine"), browser.get("/staff?who=nobody")
    dangers = [len(re.findall(r'id="danger-\d', p.text)) for p in (mine, nobody)]
    assert dangers == [2, 1], "what nobody has taken is never hidden"
    assert "1 that colleagues look after is not shown." in words_of(mine)
    assert 'data-source="/staff/inbox?who=mine"' in mine.text
    assert "wibble" not in browser.get("/staff/inbox?who=mine").text
    assert 'name="who" value="nobody"' in nobody.text


def test_resolved_items_are_found_by_code_and_date(clinic: StaffedClinic, confused: tuple[str, int]) -> None:
    missed = say(clinic, clinic.talk(patient=clinic.patient("P-2", "Bea <b>Bold")), "<i>blorp", MISS) + 1
    browser = clinic.signed_in("reviewer")
    post(browser, path(confused[1], "resolve"), code="unclear_wording", note="<u>x")
    clinic.pass_time(days=2)
    browser = clinic.signed_in("reviewer")
    post(browser, path(missed, "resolve", "missed"), code="bot_misunderstood")

    def found(query: str) -> list[str]:
        page = browser.get(f"/staff/resolved?{query}")
        assert page.status_code == 200
        assert not re.search(r"<i>|<b>B|<u>", page.text)
        return re.findall(r"<blockquote>(.*?)</blockquote>", page.text)

    assert found("") == ["&lt;i&gt;blorp", "i don&#39;t get that"]
    assert found("code=bot_misunderstood") == ["&lt;i&gt;blorp"]
    assert found("kind=unclear") == ["i don&#39;t get that"]
    assert found("from=2026-06-11") == ["&lt;i&gt;blorp"]
    assert found("to=2026-06-11") == ["i don&#39;t get that"]
    assert found("code=fine") == []
    assert found("code=%3Cscript%3E&page=x") == found("")
    assert "is not a date" in words_of(browser.get("/staff/resolved?from=soon"))
    with clinic.gateway.database.begin() as db:
        wanted = Wanted(codes=["bot_misunderstood"], since=clinic.now - timedelta(days=1))
        assert (count(db, wanted), [r.message.text for r in read(db, wanted, 10)]) == (1, ["<i>blorp"])
    assert "/staff/resolved" in browser.get("/staff").text


@pytest.mark.parametrize(
    "address",
    ["unclear/1/resolve", "missed/99999999999999999999/resolve", "danger/1/resolve", "missed/7/assign", "waiting/7/x"],
)
def test_what_is_not_there_is_said_in_plain_words(clinic: StaffedClinic, address: str) -> None:
    response = clinic.signed_in().get(f"/staff/items/{address}")
    assert response.status_code == 404
    if not address.endswith("/x"):
        assert "Nothing is here" in words_of(response)


def test_a_place_names_itself() -> None:
    assert str(tasks.Place("unclear", 3, "aftercare/water/0-3")) == "unclear/3"
