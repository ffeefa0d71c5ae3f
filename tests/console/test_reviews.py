"""Tags, comments, verdicts and what the page of reviews says, through the real gateway."""

import re

import httpx
import pytest
from sqlalchemy import delete, func, select

from stipple.care.review import needs_second
from stipple.records.clarity import count_reply
from stipple.records.clarity_models import ClaritySignal
from stipple.records.conversations import add_deliveries, add_message
from stipple.records.models import Conversation, Delivery, Instruction, Message
from stipple.records.review_models import Decision, MessageComment, MessageTag, Review
from tests.console.conftest import (
    MISS,
    PERSON,
    PUS,
    WATER,
    StaffedClinic,
    post,
    words_of,
)

CONVERSATIONS = "/staff/conversations"


def talk_that(clinic: StaffedClinic, sampled: bool, text: str = "can i swim") -> str:
    """A conversation that does or does not need a second verdict."""
    while True:
        found = clinic.talk((text, [WATER]))
        if needs_second(found) == sampled:
            return found
        with clinic.gateway.database.begin() as db:
            db.execute(delete(Message).where(Message.conversation_id == found))
            db.execute(delete(Conversation).where(Conversation.id == found))


def confused(clinic: StaffedClinic, text: str = "what do you mean", patient: str | None = None) -> str:
    """A conversation in which an instruction was shown and not understood."""
    found = clinic.talk(("wet hair?", [WATER]), patient=patient)
    with clinic.gateway.database.begin() as db:
        db.merge(Instruction(id=WATER["rule_id"], subject="aftercare", topic="water"))
        first = db.scalars(select(Message).where(Message.conversation_id == found, Message.author == "assistant")).one()
        add_deliveries(db, first, "web")
        add_message(db, found, "patient", text, clinic.now)
        trace = [{"kind": "unclear", "rule_id": WATER["rule_id"], "intent": "unclear"}]
        count_reply(db, add_message(db, found, "assistant", "Simpler", clinic.now, trace=trace, outcome="answered"))
    return found


def review(browser: httpx.Client, talk: str, verdict: str, note: str = "") -> httpx.Response:
    return post(browser, f"{CONVERSATIONS}/{talk}/review", verdict=verdict, note=note, upto="2")


def rows(browser: httpx.Client, query: str) -> list[str]:
    page = browser.get(f"{CONVERSATIONS}?{query}")
    return re.findall(rf'href="{CONVERSATIONS}/([0-9a-f]{{32}})(?:\?q=[^&"]*)?"', page.text)


def test_the_list_finds_by_words_and_by_what_was_shown(clinic: StaffedClinic) -> None:
    hard = confused(clinic, "<b>simpler</b> words please", patient=clinic.patient("P-1"))
    other = clinic.talk(("simpler talk, other words", [PERSON]))
    browser = clinic.signed_in("reviewer")
    for query, ids in (
        ("q=SIMPLER+please", [hard]),
        ("q=simpler", [other, hard]),
        ("q=simpler&topic=aftercare/water", [hard]),
        ("instruction=aftercare/water/0-3&version=2&day=3&signal=unclear", [hard]),
        ("version=1&instruction=aftercare/water/0-3", []),
        ("signal=unclear&day=4", []),
        ("signal=person", []),
        ("state=waiting", [other]),
        ("state=unreviewed", [other, hard]),
    ):
        assert sorted(rows(browser, query)) == sorted(ids), query
    page = browser.get(f"{CONVERSATIONS}?q=simpler+b&signal=unclear")
    assert "&lt;<mark>b</mark>&gt;<mark>simpler</mark>&lt;/<mark>b</mark>&gt;" in page.text
    assert "Sign of confusion: Said they did not understand" in words_of(page)
    assert f'href="{CONVERSATIONS}?q=simpler+b"' in page.text
    assert "<details open>" in page.text
    listed = [row for row in clinic.audit() if row.action == "listed"]
    assert {row.detail for row in listed} >= {"q signal", "q"}
    assert not any("simpler" in row.detail for row in listed)


def test_a_conversation_opens_at_what_matters_and_leads_on(clinic: StaffedClinic) -> None:
    talk = confused(clinic)
    clinic.say(talk, "and later", [WATER])
    clinic.say(talk, "there is pus", [PUS])
    browser = clinic.signed_in()
    page = browser.get(f"{CONVERSATIONS}/{talk}?q=later")
    pus, later = clinic.alerts()[0].message_id, clinic.messages(talk)[4].id
    assert "Opened at: Danger sign: Doctor today" in words_of(page)
    assert f'id="message-{pus}" tabindex="-1" autofocus' in page.text
    assert f'href="?at=5&amp;q=later#message-{later}"' in page.text
    assert "3 of 3" in words_of(page)
    assert "Said they did not understand what do you mean" in words_of(page)
    before = browser.get(f"{CONVERSATIONS}/{talk}?at=5&q=later")
    assert "Opened at: Has the words you looked for" in words_of(before)
    assert "<mark>later</mark>" in before.text
    assert "autofocus" not in before.text


def test_tags_are_put_on_and_taken_off(clinic: StaffedClinic) -> None:
    talk = clinic.talk(("can i swim", [WATER]))
    reply = clinic.messages(talk)[1].id
    browser = clinic.signed_in("reviewer")
    path = f"{CONVERSATIONS}/{talk}/messages/{reply}/tags"
    for _ in range(2):
        done = post(browser, path, add="wrong day")
        assert done.headers["location"] == f"{CONVERSATIONS}/{talk}?at=2&note=tagged#message-{reply}"
    post(browser, path, add="tone")
    assert rows(browser, "tag=wrong+day") == [talk]
    assert 'name="remove" value="wrong day" aria-pressed="true"' in browser.get(f"{CONVERSATIONS}/{talk}").text
    post(browser, path, remove="wrong day")
    assert rows(browser, "tag=wrong+day") == []
    assert post(browser, path, add="no such tag").status_code == 404
    assert post(browser, f"{CONVERSATIONS}/{'0' * 32}/messages/{reply}/tags", add="tone").status_code == 404
    assert [a for a in clinic.actions() if "tag" in a] == ["tagged", "tagged", "tagged", "untagged"]


def test_a_practitioner_adds_a_tag_for_everybody(clinic: StaffedClinic) -> None:
    assert post(clinic.signed_in("reviewer"), "/staff/reviews/tags", name="mine").status_code == 403
    browser = clinic.signed_in()
    assert post(browser, "/staff/reviews/tags", name="  too   long ").headers["location"].endswith("note=tag_added")
    assert "too long" in words_of(clinic.signed_in("reviewer").get("/staff/reviews"))
    for name, words in (("", "1 to 40"), ("x" * 41, "1 to 40"), ("TONE", "is there already"), ("Too long", "already")):
        page = post(browser, "/staff/reviews/tags", name=name)
        assert page.status_code == 422
        assert words in words_of(page)
        assert f'value="{name}"' in page.text


def test_a_comment_is_changed_for_a_while_and_withdrawn_for_good(clinic: StaffedClinic) -> None:
    talk = clinic.talk(("can i swim", [WATER]))
    base = f"{CONVERSATIONS}/{talk}/messages/{clinic.messages(talk)[1].id}/comments"
    browser, other = clinic.signed_in("reviewer"), clinic.signed_in()
    page = post(browser, base, text=" ")
    assert (page.status_code, "Please write a comment first." in words_of(page)) == (422, True)
    page = post(browser, base, text="y" * 2001)
    assert ("these are 2001" in words_of(page), "y" * 2001 in page.text) == (True, True)
    post(browser, base, text="The day is <wrong>")
    seen = other.get(f"{CONVERSATIONS}/{talk}")
    assert "The day is &lt;wrong&gt;" in seen.text
    assert "Withdraw" not in words_of(seen)
    with clinic.gateway.database.begin() as db:
        number = db.scalars(select(MessageComment.id)).one()
    assert post(other, f"{base}/{number}", text="not mine").status_code == 404
    assert post(other, f"{base}/{number}/withdraw").status_code == 404
    clinic.pass_time(minutes=15)
    post(browser, f"{base}/{number}", text="The day is right")
    assert "The day is right" in words_of(other.get(f"{CONVERSATIONS}/{talk}"))
    clinic.pass_time(seconds=1)
    late = post(browser, f"{base}/{number}", text="Too late")
    assert ("for 15 minutes" in words_of(late), "Too late" in late.text) == (True, True)
    post(browser, f"{base}/{number}/withdraw")
    shown = words_of(other.get(f"{CONVERSATIONS}/{talk}"))
    assert ("withdrawn" in shown, "The day is right" in shown) == (True, False)
    assert post(browser, f"{base}/{number}/withdraw").status_code == 404


def test_the_second_person_does_not_see_the_first_verdict_until_they_gave_theirs(clinic: StaffedClinic) -> None:
    talk = talk_that(clinic, sampled=True)
    first, second, admin = (clinic.signed_in(role) for role in ("reviewer", "practitioner", "admin"))
    assert "Please choose" in words_of(review(first, talk, "", "a draft"))
    assert "a draft" in review(first, talk, "nonsense", "a draft").text
    assert review(first, talk, "well", "secret words").headers["location"].endswith("note=reviewed#review")
    review(first, talk, "safety", "secret words")
    assert rows(second, "state=second") == [talk]
    for path in (f"{CONVERSATIONS}/{talk}", "/staff/reviews", f"{CONVERSATIONS}?state=reviewed"):
        assert "secret words" not in second.get(path).text
    assert "second, independent opinion" in words_of(second.get(f"{CONVERSATIONS}/{talk}"))
    assert "secret words" in words_of(first.get("/staff/reviews")), "a safety concern of one's own"
    assert "needs a second opinion" in words_of(second.get("/staff/reviews"))
    review(second, talk, "well")
    shown = words_of(second.get(f"{CONVERSATIONS}/{talk}"))
    assert ("secret words" in shown, "Which one counts?" in shown) == (True, True)
    for browser in (first, admin):
        assert "was not saved" in words_of(review(browser, talk, "unclear"))
    page = words_of(first.get("/staff/reviews"))
    assert "Reviewer Person: Safety concern Practitioner Person: Answered well Not settled yet" in page
    assert "Not enough pairs yet: 1 of at least 10." in page
    path = f"{CONVERSATIONS}/{talk}/verdict"
    assert post(first, path, verdict="well", seen="").status_code == 403
    assert post(second, path, verdict="", seen="").status_code == 422
    assert post(second, path, verdict="safety", seen="").status_code == 303
    assert "settled this meanwhile" in words_of(post(admin, path, verdict="well", seen=""))
    assert post(admin, path, verdict="well", seen="safety").status_code == 303
    assert "Counts: Answered well" in words_of(first.get("/staff/reviews"))


def test_one_verdict_is_enough_outside_the_sample(clinic: StaffedClinic) -> None:
    talk = talk_that(clinic, sampled=False)
    first, second = clinic.signed_in("reviewer"), clinic.signed_in()
    review(first, talk, "unclear", "read this")
    assert "read this" in words_of(second.get(f"{CONVERSATIONS}/{talk}"))
    late = review(second, talk, "well", "kept words")
    assert (late.status_code, "kept words" in late.text) == (422, True)
    assert "was not saved" in words_of(late)
    assert post(second, f"{CONVERSATIONS}/{talk}/verdict", verdict="well", seen="").status_code == 422
    number = clinic.staff("reviewer").id
    assert (rows(second, f"reviewer={number}"), rows(second, "state=unreviewed")) == ([talk], [])
    clinic.say(talk, "one more", [WATER])
    assert "2 messages came after that." in words_of(second.get(f"{CONVERSATIONS}/{talk}"))
    assert review(second, "0" * 32, "well").status_code == 404


def test_agreement_is_told_from_ten_pairs_on(clinic: StaffedClinic) -> None:
    with clinic.gateway.database.begin() as db:
        staff = [clinic.staff(role).id for role in ("reviewer", "practitioner")]
        for n in range(10):
            talk = Conversation(channel="web", created_at=clinic.now)
            db.add(talk)
            db.flush()
            verdicts = ("well", "well") if n < 5 else ("wrong", "wrong" if n < 9 else "well")
            for position, (who, verdict) in enumerate(zip(staff, verdicts, strict=True), start=1):
                row = Review(conversation_id=talk.id, position=position, staff_id=who, verdict=verdict, note="", upto=0)
                row.sampled, row.at = True, clinic.now
                db.add(row)
    page = words_of(clinic.signed_in("reviewer").get("/staff/reviews"))
    assert "Same verdict 9 (90 %)" in page
    assert "from 0 (none) to 1 (always) 0.80" in page
    assert "agreement is" in page


def test_the_next_to_review_is_the_one_most_worth_it_and_not_a_colleagues(clinic: StaffedClinic) -> None:
    hard = confused(clinic, patient=clinic.patient("P-1"))
    clinic.pass_time(minutes=1)
    unsure = clinic.talk(("hm", [MISS]))
    clinic.pass_time(minutes=1)
    calm = clinic.talk(("can i swim", [WATER]))
    first, second = clinic.signed_in("reviewer"), clinic.signed_in()
    page = first.get("/staff/reviews")
    assert "A. E. : 1 sign of confusion" in words_of(page)
    assert "Ann Example" not in page.text
    assert post(first, "/staff/reviews/next").headers["location"] == f"{CONVERSATIONS}/{hard}"
    assert post(second, "/staff/reviews/next").headers["location"] == f"{CONVERSATIONS}/{unsure}"
    clinic.pass_time(minutes=16)
    assert post(second, "/staff/reviews/next").headers["location"] == f"{CONVERSATIONS}/{hard}"
    for talk in (hard, unsure, calm):
        review(second, talk, "well")
        with clinic.gateway.database.begin() as db:
            db.get_one(Review, (talk, 1)).sampled = False
    assert post(second, "/staff/reviews/next").headers["location"] == "/staff/reviews?note=all_read"


def test_a_reviewer_never_reads_a_name(clinic: StaffedClinic) -> None:
    talk = confused(clinic, patient=clinic.patient("P-1"))
    browser = clinic.signed_in("reviewer")
    review(browser, talk, "safety")
    for path in (CONVERSATIONS, f"{CONVERSATIONS}/{talk}", f"{CONVERSATIONS}?q=mean", "/staff/reviews"):
        assert "Ann Example" not in browser.get(path).text


def test_an_erased_conversation_takes_everything_about_it_along(clinic: StaffedClinic) -> None:
    talk = talk_that(clinic, sampled=True)
    browser, other = clinic.signed_in(), clinic.signed_in("admin")
    base = f"{CONVERSATIONS}/{talk}/messages/{clinic.messages(talk)[1].id}"
    post(browser, f"{base}/comments", text="Remark")
    post(browser, f"{base}/tags", add="tone")
    review(browser, talk, "well")
    review(other, talk, "wrong")
    post(browser, f"{CONVERSATIONS}/{talk}/verdict", verdict="well", seen="")
    with clinic.gateway.database.begin() as db:
        for table in (ClaritySignal, Delivery):
            db.execute(delete(table))
        db.execute(delete(Message).where(Message.conversation_id == talk))
        db.execute(delete(Conversation).where(Conversation.id == talk))
    with clinic.gateway.database.begin() as db:
        for table in (MessageTag, MessageComment, Review, Decision):
            assert db.scalar(select(func.count()).select_from(table)) == 0
    assert rows(browser, "q=swim") == []


@pytest.mark.parametrize("what", ["review", "verdict", "messages/1/tags", "messages/1/comments"])
def test_a_form_of_another_site_changes_nothing(clinic: StaffedClinic, what: str) -> None:
    talk = clinic.talk(("can i swim", [WATER]))
    forged = clinic.signed_in().post(f"{CONVERSATIONS}/{talk}/{what}", data={"csrf": "x", "verdict": "well"})
    assert forged.status_code == 403
