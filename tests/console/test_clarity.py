"""The clarity pages: the worst instruction first, its wordings and days, and the patients' own words."""

import re
import sys
from typing import Any

import pytest

from stipple.care.clarity import ENOUGH
from stipple.cli import main
from stipple.records import clarity
from stipple.records.clarity import count_reply
from stipple.records.conversations import add_deliveries, add_message
from stipple.records.models import Instruction, Wording
from stipple.sealing import new_key
from tests.console.conftest import NOW, WATER, StaffedClinic, words_of

RULE = "aftercare/water/0-3"
UNCLEAR = {"kind": "unclear", "intent": "unclear", "rule_id": RULE}
PERSON = {"kind": "contact", "topic": "person"}


@pytest.fixture
def published(clinic: StaffedClinic) -> StaffedClinic:
    """The clinic with two topics; the one rule has two wordings."""
    with clinic.gateway.database.begin() as db:
        for rule, versions in ((RULE, 2), ("aftercare/water/4-", 1), ("aftercare/gym/0-", 1)):
            instruction = Instruction(id=rule, subject="aftercare", topic=rule.split("/")[1])
            for version in range(1, versions + 1):
                texts = {"text": f"Text {version} of {rule}", "why": "Why", "simpler": f"Simpler {version}"}
                wording = Wording(version=version, published_at=NOW, published_by="Robin", **texts)
                instruction.wordings.append(wording)
            db.add(instruction)
    return clinic


def shown(rule: str = RULE, version: int = 2, day: int | None = 2) -> dict[str, Any]:
    topic = rule.split("/")[1]
    return WATER | {"topic": topic, "rule_id": rule, "wording_version": version, "asked_day": day}


def say(clinic: StaffedClinic, conversation: str, text: str, *trace: dict[str, Any]) -> None:
    """A message and its reply, counted as the gateway does."""
    with clinic.gateway.database.begin() as db:
        add_message(db, conversation, "patient", text, clinic.now)
        reply = add_message(db, conversation, "assistant", f"Reply to {text}", clinic.now, trace=list(trace))
        add_deliveries(db, reply, "web")
        count_reply(db, reply)


def patients(clinic: StaffedClinic, count: int, confused: int, item: dict[str, Any], words: str = "huh?") -> list[str]:
    """So many visitors are shown the wording, and so many of them do not understand it."""
    talks = [clinic.talk() for _ in range(count)]
    for number, talk in enumerate(talks):
        say(clinic, talk, "may i?", item)
        if number < confused:
            say(clinic, talk, words, UNCLEAR)
    return talks


def order(page: str) -> list[str]:
    """Instructions in the order that the page links to them."""
    return re.findall(r'href="/staff/clarity/([^"?]+/[^"?]+)"', page)


def test_without_data_the_page_says_so(published: StaffedClinic) -> None:
    page = published.signed_in("reviewer").get("/staff/clarity")
    assert page.status_code == 200
    assert "No instruction has been shown to 20 patients yet." in words_of(page)
    assert "3 instructions nobody has been shown yet." in words_of(page)
    assert '<a href="/staff/clarity" aria-current="page">Clarity</a>' in page.text


def test_the_worst_comes_first_and_too_few_patients_are_not_ranked(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 2, shown("aftercare/gym/0-", 1))
    patients(published, 2 * ENOUGH, 16, shown())
    patients(published, 3, 3, shown("aftercare/water/4-", 1, 9))
    page = published.signed_in("reviewer").get("/staff/clarity")
    assert order(page.text) == [RULE, "aftercare/gym/0-", "aftercare/water/4-"]
    said = words_of(page)
    assert "Aftercare: getting your scalp wet day 0 to 3 · version 2 16 of 40 patients were confused" in said
    assert "16 said so · 0 asked again or for a person" in said
    assert "Clear to about 60 of 100 (likely between 45 and 74)" in said
    assert "Aftercare: sport version 1 2 of 20 patients were confused" in said
    assert "3 of 3 patients were confused" in said
    assert "Not enough patients yet: 3 of the 20 that are needed to tell" in said


def test_a_new_wording_starts_afresh_and_tells_of_the_one_before(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 15, shown(version=1))
    page = published.signed_in().get("/staff/clarity")
    assert "version 2 Shown to nobody yet Not enough patients yet: 0 of the 20" in words_of(page)
    assert "The wording before: 15 of 20 patients confused" in words_of(page)


def test_one_instruction_shows_its_wordings_days_and_the_patients_words(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 15, shown(version=1, day=1))
    patients(published, ENOUGH, 1, shown(day=2))
    patients(published, 2, 0, shown(day=None))
    patients(published, 1, 0, shown("aftercare/water/4-", 1, 80))
    talk = published.talk(patient=published.patient("P-1"))
    say(published, talk, "can i wash my hair", shown())
    say(published, talk, "wait, <b>what</b>?", UNCLEAR)
    say(published, talk, "someone call me", PERSON)
    page = published.signed_in("admin").get(f"/staff/clarity/{RULE}")
    said = words_of(page)
    assert "Version 2 what patients read now" in said
    assert "2 of 23 patients were confused 2 said so · 1 asked again or for a person" in said
    assert "Not enough data to compare with version 1 No healing day on which patients were shown both." in said
    assert f"Text 1 of {RULE}" in said
    assert "Healing day Day 0 to 3, version 1 (this instruction) Day 0 to 3, version 2" in said
    assert "Day 1 15 of 20 · not shown" in said
    assert "Day 2 · not shown 2 of 21" in said
    assert "Day not known · not shown 0 of 2" in said
    assert "Day 31 on · not shown · not shown 0 of 1" in said
    assert '<td class="heat-4">15 of 20</td>' in page.text
    assert '<td class="heat-1">2 of 21</td>' in page.text
    assert "<td>0 of 2</td>" in page.text
    assert "Said they did not understand wait, <b>what</b>? A. E. · day 2 · version 2" in said
    assert "Asked for a person right after someone call me" in said
    assert "<b>what" not in page.text
    assert "Ann Example" not in page.text
    asked = next(m for m in published.messages(talk) if m.text == "someone call me")
    assert f'href="/staff/conversations/{talk}?start=1#message-{asked.id}"' in page.text
    assert ("viewed", f"clarity/{RULE}") in {(row.action, row.subject) for row in published.audit()}


def test_versions_are_compared_on_the_days_that_both_were_shown_on(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 15, shown(version=1, day=1))
    patients(published, 50, 0, shown(version=1, day=3))
    patients(published, ENOUGH, 1, shown(day=1))
    patients(published, 5, 5, shown(day=2))
    said = words_of(published.signed_in().get(f"/staff/clarity/{RULE}"))
    assert "Clearer than version 1 Version 2 confused 1 of 20 patients, version 1 confused 15 of 20 patients." in said
    assert re.search(r"that is about 70 fewer, each day given its weight; likely between 8\d fewer and 4\d fewer", said)


def test_a_worse_version_is_told(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 1, shown(version=1))
    patients(published, ENOUGH, 15, shown())
    said = words_of(published.signed_in().get(f"/staff/clarity/{RULE}"))
    assert "Worse than version 1: consider going back" in said
    assert "Go back to version 1 …" in said


def test_later_days_count_a_patient_once(published: StaffedClinic) -> None:
    talk = published.talk()
    for day in (40, 41, 90):
        say(published, talk, "may i?", shown("aftercare/water/4-", 1, day))
    page = published.signed_in().get("/staff/clarity/aftercare/water/4-")
    assert "Day 31 on 0 of 1 · not shown" in words_of(page)


def test_the_message_linked_to_is_on_the_page_that_opens(published: StaffedClinic) -> None:
    (talk,) = patients(published, 1, 1, shown())
    for number in range(120):
        say(published, talk, f"message {number}", {"kind": "smalltalk", "topic": "thanks"})
    browser = published.signed_in()
    address = re.search(
        r'href="(/staff/conversations/[^"#]+)#(message-\d+)"', browser.get(f"/staff/clarity/{RULE}").text
    )
    assert address
    assert f'id="{address.group(2)}"' in browser.get(address.group(1)).text


def test_only_the_latest_words_are_shown(published: StaffedClinic) -> None:
    patients(published, 61, 61, shown(), "what now")
    said = words_of(published.signed_in().get(f"/staff/clarity/{RULE}"))
    assert said.count("what now") == 60
    assert "Only the 60 latest messages are shown." in said


def test_a_retired_instruction_is_found_by_its_address_only(published: StaffedClinic) -> None:
    patients(published, ENOUGH, 1, shown())
    with published.gateway.database.begin() as db:
        db.get_one(Instruction, RULE).retired_at = NOW
    browser = published.signed_in()
    assert order(browser.get("/staff/clarity").text) == []
    assert "no longer used" in words_of(browser.get(f"/staff/clarity/{RULE}"))


@pytest.mark.parametrize("path", ["nothing", "aftercare/water/9-", "x" * 200, "%00", "..%2F..", "aftercare/ü"])
def test_an_unknown_instruction_is_not_there(published: StaffedClinic, path: str) -> None:
    assert published.signed_in().get(f"/staff/clarity/{path}").status_code == 404
    assert "viewed" not in published.actions()


def test_nobody_reads_it_without_signing_in(published: StaffedClinic) -> None:
    for path in ("/staff/clarity", f"/staff/clarity/{RULE}"):
        assert published.browser().get(path).headers["location"].startswith("/staff/sign-in")


def test_what_the_gateway_answers_is_counted(published: StaffedClinic) -> None:
    with published.gateway.database.begin() as db:
        instruction = Instruction(id="red_flag/pus", subject="red_flag", topic="pus")
        texts = {"text": "See a doctor.", "why": "", "simpler": "Call."}
        instruction.wordings.append(Wording(version=1, published_at=NOW, published_by="Robin", **texts))
        db.add(instruction)
    published.gateway.send("there is pus and a bad smell coming from my scalp")
    page = published.signed_in().get("/staff/clarity/red_flag/pus")
    assert "0 of 1 patient was confused" in words_of(page)


def test_a_reply_is_stored_also_when_counting_fails(
    published: StaffedClinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("stipple.gateway.keeping.count_reply", broken)
    sent = published.gateway.send("there is pus and a bad smell coming from my scalp")
    assert sent.status_code == 200
    assert [m.author for m in published.gateway.messages()] == ["patient", "assistant"]
    assert len(published.alerts()) == 1
    assert "stipple clarity recount" in caplog.text


def test_the_commands_count_anew_and_invent_patients(
    published: StaffedClinic,
    no_settings: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = published.gateway.settings
    no_settings.setenv("STIPPLE_DATABASE_URL", settings.database_url)
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(settings.content_dir))
    patients(published, ENOUGH, 3, shown())
    with published.gateway.database.begin() as db:
        db.execute(clarity.ClarityCount.__table__.delete())
    for words in (["clarity", "recount"], ["simulate", "--patients", "30", "--seed", "5"]):
        monkeypatch.setattr(sys, "argv", ["stipple", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    assert "30 patients with" in capsys.readouterr().err
    assert RULE in order(published.signed_in().get("/staff/clarity").text)


def test_nobody_is_invented_in_production(
    published: StaffedClinic,
    no_settings: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": published.gateway.settings.database_url,
        "PUBLIC_URL": "https://clinic.example",
        "MAIL_URL": "smtp://relay.example:25",
        "MAIL_FROM": "a@clinic.example",
        "ALERT_EMAILS": "b@clinic.example",
        "SECRET_KEY": new_key(),
    }
    for name, value in given.items():
        no_settings.setenv(f"STIPPLE_{name}", value)
    monkeypatch.setattr(sys, "argv", ["stipple", "simulate", "--patients", "3"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "not added in production" in capsys.readouterr().err


def test_every_instruction_by_healing_day_leads_to_the_words_behind(published: StaffedClinic) -> None:
    patients(published, 10, 8, shown("aftercare/water/4-", 1, 5), "wait what")
    patients(published, 10, 0, shown("aftercare/water/4-", 1, 6))
    patients(published, 10, 9, shown("aftercare/water/4-", 1, 40), "much later")
    patients(published, 2, 1, shown("aftercare/gym/0-", 1, 0))
    browser = published.signed_in("reviewer")
    page = browser.get("/staff/clarity/days")
    said = words_of(page)
    assert "Instruction Day 0 Day 1 Day 2 Day 3 Day 4 to 6 Day 7 to 9" in said
    assert said.index("getting your scalp wet, day 4 on") < said.index("sport")
    assert "8 of 20" in said
    assert "9 of 10" in said
    assert "1 of 2 (too few to tell)" in said
    found = re.search(r'<td class="heat-3"><a href="([^"#]+)#words-title">8 of 20', page.text)
    assert found
    behind = words_of(browser.get(found.group(1).replace("&amp;", "&")))
    assert "wait what" in behind
    assert "much later" not in behind


def test_weeks_show_a_trend_and_whoever_needed_a_person(published: StaffedClinic) -> None:
    patients(published, 30, 24, shown())
    published.pass_time(weeks=6)
    talks = patients(published, 30, 1, shown())
    say(published, talks[-1], "someone call me", PERSON)
    said = words_of(published.signed_in("reviewer").get("/staff/clarity"))
    assert "Clearer lately A person was needed right after, in 12 weeks: 1 time" in said
    page = published.signed_in("reviewer").get(f"/staff/clarity/{RULE}")
    assert "Line: clarity of Aftercare: getting your scalp wet, day 0 to 3. The first: 20 of 100 (8 Jun), " in page.text
    said = words_of(page)
    assert "8 June 24 of 30 20 of 100 0" in said
    assert "20 July 2 of 30 93 of 100 1" in said


def test_words_that_say_something_alike_stand_together(published: StaffedClinic) -> None:
    for text in (
        "can i talk to someone",
        "can somebody call me please",
        "what does pat dry mean",
        "how do i pat it dry",
    ):
        patients(published, 1, 1, shown(), text)
    patients(published, 1, 1, shown(version=1), "this is about the old one")
    browser = published.signed_in("reviewer")
    page = browser.get(f"/staff/clarity/{RULE}")
    assert words_of(page).count("2 patients said something like this") == 2
    assert "this is about the old one" in page.text
    for query in ("version=2", "channel=web&version=2", "days=2&weeks=4&version=2"):
        narrowed = words_of(browser.get(f"/staff/clarity/{RULE}?{query}"))
        assert "pat dry mean" in narrowed
        assert "the old one" not in narrowed
    assert "Nobody who fits was confused." in words_of(browser.get(f"/staff/clarity/{RULE}?days=0"))
    assert browser.get(f"/staff/clarity/{RULE}?days=x&weeks=99&channel=%00&version=99999999").status_code == 200
