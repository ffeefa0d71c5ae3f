"""One conversation's page, and the list of them with its filters."""

import re

import pytest

from stipple.records.alerts import close
from stipple.records.models import Alert, Message
from tests.console.conftest import LOW, MISS, PUS, THROAT, WATER, StaffedClinic, words_of


def shown_rows(clinic: StaffedClinic, query: str = "") -> list[str]:
    """Ids of the conversations that the list shows."""
    page = clinic.signed_in("reviewer").get(f"/staff/conversations?{query}")
    return re.findall(r'href="/staff/conversations/([0-9a-f]{32})"', page.text)


def test_a_conversation_tells_who_said_what_when_and_why(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(
        ("can i wash my hair tomorrow", [WATER]), ("there is pus", [PUS]), patient=clinic.patient("P-7")
    )
    page = clinic.signed_in().get(f"/staff/conversations/{conversation}")
    shown = words_of(page)
    for part in (
        "Ann Example",
        "Reference P-7",
        "Patient today 10:00",
        "Aftercare: getting your scalp wet",
        "How sure Very sure (97 %)",
        "Healing day 3",
        "Answer Not yet",
        "The patient's own record",
        "See the instruction : Aftercare: getting your scalp wet",
        "Wording version 2",
        "Found by the check for danger signs",
    ):
        assert part in shown
    raised = clinic.alerts()[0].message_id
    assert f'class="said patient marked" id="message-{raised}"' in page.text
    assert f'href="#message-{raised}"' in page.text
    assert "This message raised: Doctor today" in shown
    assert f'href="/staff/conversations/{conversation}#message-{raised}"' in clinic.signed_in().get("/staff").text


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (WATER | {"override": True}, "The practitioner's own rule for this patient"),
        (WATER | {"from_record": False}, "General advice, without a record"),
        (MISS, "Not understood: asked back"),
        ({"kind": "ask_back", "topic": "save_goal"}, "Asked a question of its own: save goal"),
        ({"kind": "red_flag", "topic": "gone", "urgency": "emergency"}, "Answer Emergency"),
        ({"kind": "healing_sign", "topic": "itching", "urgency": "clinic"}, "Call the clinic today"),
        ({"kind": "healing_sign", "topic": "unsure", "urgency": "emergency"}, "Answer Emergency"),
        ({"kind": "smalltalk", "topic": "thanks"}, "Small talk: thanks"),
        ({"kind": "new_kind"}, "new kind"),
    ],
)
def test_every_trace_has_plain_words(clinic: StaffedClinic, item: dict[str, object], words: str) -> None:
    conversation = clinic.talk(("hello", [item]))
    assert words in words_of(clinic.signed_in().get(f"/staff/conversations/{conversation}"))


def test_a_fallback_says_so(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(("hello", []), outcome="fallback")
    assert "could not look it up in time" in words_of(clinic.signed_in().get(f"/staff/conversations/{conversation}"))


def test_a_long_conversation_opens_at_its_end_or_before_its_danger_sign(clinic: StaffedClinic) -> None:
    conversation = clinic.talk(*((f"message {n}", [WATER]) for n in range(250)))
    browser = clinic.signed_in()
    page = browser.get(f"/staff/conversations/{conversation}")
    assert "message 249" in words_of(page)
    assert "message 149" not in words_of(page)
    earlier = re.search(r'href="(\?start=\d+)"', page.text).group(1)  # type: ignore[union-attr]
    assert "message 149" in words_of(browser.get(f"/staff/conversations/{conversation}{earlier}"))
    with clinic.gateway.database.begin() as db:
        asked = db.query(Message).filter_by(conversation_id=conversation, text="message 40").one()
        alert = Alert(conversation_id=conversation, message_id=asked.id, level="doctor", signs=["pus"])
        alert.raised_at = clinic.now
        db.add(alert)
    page = browser.get(f"/staff/conversations/{conversation}")
    assert f'id="message-{asked.id}"' in page.text
    assert "Later messages" in words_of(page)


@pytest.mark.parametrize("path", ["nothing", "0" * 32, "x" * 200, "%00", "a%2Fb"])
def test_an_unknown_conversation_is_not_there(clinic: StaffedClinic, path: str) -> None:
    assert clinic.signed_in().get(f"/staff/conversations/{path}").status_code == 404
    assert "viewed" not in clinic.actions()


def test_the_list_shows_the_latest_first_and_fits_each_filter(clinic: StaffedClinic) -> None:
    calm = clinic.talk(("can i swim", [WATER]), patient=clinic.patient("P-1"))
    clinic.pass_time(days=1)
    pus = clinic.talk(("there is pus", [PUS]), patient=clinic.patient("Q_2"))
    clinic.pass_time(days=1)
    crisis = clinic.talk(("no way out", [LOW]))
    with clinic.gateway.database.begin() as db:
        close(db.get_one(Alert, clinic.alerts()[0].id), "Robin", "all well", clinic.now)
    assert shown_rows(clinic) == [crisis, pus, calm]
    assert shown_rows(clinic, "level=any") == [crisis, pus]
    assert shown_rows(clinic, "level=doctor") == [pus], "also when it is closed"
    assert shown_rows(clinic, "level=emergency") == []
    assert shown_rows(clinic, "channel=web") == [crisis, pus, calm]
    assert shown_rows(clinic, "reference=q_") == [pus]
    assert shown_rows(clinic, "reference=%25") == [], "no pattern"
    assert shown_rows(clinic, "from=2026-06-11") == [crisis, pus]
    assert shown_rows(clinic, "to=2026-06-11") == [pus, calm]
    assert shown_rows(clinic, "from=2026-06-11&to=2026-06-11&level=any") == [pus]
    assert shown_rows(clinic, "from=0001-01-01&to=9999-12-31") == [crisis, pus, calm]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-13-01", "“2026-13-01” is not a date"),
        ("from=2026-06-12&to=2026-06-10", "The first date lies after the last one."),
        ("level=nonsense&page=x", "“nonsense” is none of the choices under “Danger sign”, so it was left out."),
        ("channel=telegram", "“telegram” is none of the choices under “Came by”"),
        ("q=%20%3F!", "There is no word in that."),
        ("q=a b c d e f g h i j k", "at most 10 words"),
        ("version=two", "“two” is not a whole number"),
        ("day=-1", "“-1” is not a whole number"),
        ("topic=%00&tag=%3Cb%3E", "“<b>” is none of the choices under “Tag”"),
        ("page=-3", "1 conversation"),
        ("page=99999999", "1 conversation"),
    ],
)
def test_an_address_that_makes_no_sense_still_shows_a_page(clinic: StaffedClinic, query: str, words: str) -> None:
    clinic.talk(("can i swim", [WATER]))
    page = clinic.signed_in().get(f"/staff/conversations?{query}")
    assert page.status_code == 200
    assert words in words_of(page)
    assert "1 conversation" in words_of(page) or "first date" in words


def test_the_list_has_pages(clinic: StaffedClinic) -> None:
    for _ in range(30):
        clinic.talk(("can i swim", [WATER]))
        clinic.pass_time(minutes=1)
    first, second = shown_rows(clinic, "channel=web"), shown_rows(clinic, "channel=web&page=2")
    assert (len(first), len(second), len({*first, *second})) == (25, 5, 30)
    page = clinic.signed_in().get("/staff/conversations?channel=web")
    assert "30 conversations, page 1 of 2" in words_of(page)
    assert 'href="?channel=web&amp;page=2"' in page.text


def test_the_list_masks_names_and_shows_what_is_still_open(clinic: StaffedClinic) -> None:
    clinic.talk(("there is pus", [PUS]), ("cannot breathe", [THROAT]), patient=clinic.patient("P-1"))
    page = clinic.signed_in("admin").get("/staff/conversations")
    assert "A. E. P-1 Emergency open" in words_of(page)
    assert "Ann Example" not in page.text
