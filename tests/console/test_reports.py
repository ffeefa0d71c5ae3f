"""The monthly reports: what is counted, who may read them, and files that no spreadsheet takes for a formula."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.console.report import Table, lasting
from stipple.console.routes_reports import FORMULA, as_csv
from stipple.records.models import Message, Wording
from stipple.records.months import count_turn
from tests.console.conftest import MISS, PERSON, PUS, WATER, StaffedClinic, post, words_of
from tests.console.test_clarity import published

__all__ = ["published"]


def count_all(clinic: StaffedClinic) -> None:
    """Count every turn that was stored, as the gateway does with each."""
    with clinic.gateway.database.begin() as db:
        for reply in db.query(Message).filter(Message.author == "assistant").order_by(Message.id):
            count_turn(db, reply)


def rows(clinic: StaffedClinic, key: str, month: str = "2026-06") -> list[list[str]]:
    """A table as its file holds it, without title and headings."""
    answer = clinic.signed_in("reviewer").get(f"/staff/reports/{month}/{key}.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="stipple-report-{month}-{key}.csv"' in answer.headers["content-disposition"]
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[2:]


def test_a_month_is_told_in_tables_without_names(published: StaffedClinic) -> None:
    clinic = published
    patient = clinic.patient("P-1")
    clinic.talk(("may i swim?", [WATER]), ("someone call me", [PERSON]), patient=patient)
    clinic.talk(("and water?", [WATER]), ("=cmd()", [MISS]), patient=patient)
    clinic.talk(("hello?", []), outcome="fallback")
    danger = clinic.talk(("there is pus", [PUS]))
    count_all(clinic)
    clinic.pass_time(minutes=4)
    clinic.signed_in().get(f"/staff/conversations/{danger}")
    clinic.pass_time(minutes=26)
    (alert,) = clinic.alerts()
    post(clinic.signed_in(), f"/staff/alerts/{alert.id}/take", taken_before="")
    assert rows(clinic, "channels") == [["Website chat", "4", "3", "6"]]
    assert rows(clinic, "answered") == [
        ["Messages that needed no person", "3", "6", "50.0 %"],
        ["Conversations that needed no person", "1", "4", "25.0 %"],
        ["Messages the assistant could not place", "1", "6", "16.7 %"],
    ]
    assert rows(clinic, "danger") == [["Doctor today", "1", "4 min", "4 min", "1", "0", "30 min", "30 min", "0", "0"]]
    assert rows(clinic, "missed") == [["'=cmd()", "1"]]
    topics = {row[0]: row[1:] for row in rows(clinic, "topics")}
    assert topics["Aftercare: getting your scalp wet"] == ["2", "0", "0", "0", "2", *["0"] * 7]
    page = clinic.signed_in("reviewer").get("/staff/reports")
    said = words_of(page)
    assert "Report of June 2026" in said
    assert "Messages that needed no person 3 6 50.0 %" in said
    assert 'aria-label="Bars: Danger signs. The longest: Doctor today, 1. ' in page.text
    water = "Columns by healing day: Aftercare: getting your scalp wet. The highest: from day 3, 2. "
    assert f'aria-label="{water}' in page.text
    assert page.text.count("<figure") == 1
    assert "Ann" not in page.text
    assert ("viewed", "report/2026-06") in {(row.action, row.subject) for row in clinic.audit()}
    assert ("downloaded", "report/2026-06/danger") in {(row.action, row.subject) for row in clinic.audit()}


def test_a_changed_wording_is_told_with_what_came_of_it(published: StaffedClinic) -> None:
    with published.gateway.database.begin() as db:
        assert db.query(Wording).count() == 4
    ((name, version, day, before, since, change),) = rows(published, "clarity")
    assert (name, version, day) == ("Aftercare: getting your scalp wet, day 0 to 3", "2", "10 June 2026")
    assert (before, since, change) == ("0 of 0", "0 of 0", "Not enough patients yet")


def test_a_turn_belongs_to_the_clinics_own_month(published: StaffedClinic) -> None:
    # Half past eleven in London's summer is half past ten by universal time.
    published.now = published.now.replace(month=6, day=30, hour=22, minute=30)
    published.talk(("before midnight", [WATER]))
    published.pass_time(hours=1)
    published.talk(("after midnight", [WATER]))
    count_all(published)
    assert [rows(published, "channels", month)[0][1] for month in ("2026-06", "2026-07")] == ["1", "1"]
    page = published.signed_in("reviewer").get("/staff/reports")
    assert "Report of July 2026" in words_of(page)
    assert 'rel="prev" href="?month=2026-06"' in page.text
    assert 'rel="next"' in published.signed_in("reviewer").get("/staff/reports?month=2026-06").text


def test_an_empty_month_and_an_unknown_one_are_told(published: StaffedClinic) -> None:
    browser = published.signed_in("reviewer")
    empty = browser.get("/staff/reports")
    assert "Nobody wrote in this month." in words_of(empty)
    assert 'class="chart' not in empty.text
    assert "There is nothing for that month." in words_of(browser.get("/staff/reports?month=1999-01"))
    assert "There is nothing for that month." in words_of(browser.get("/staff/reports?month=%00"))
    for path in ("1999-01/all.csv", "2026-06/nothing.csv", "2026-6/all.csv"):
        assert browser.get(f"/staff/reports/{path}").status_code == 404
    assert published.browser().get("/staff/reports").headers["location"].startswith("/staff/sign-in")
    assert published.browser().get("/staff/reports/2026-06/all.csv").headers["location"].startswith("/staff/sign-in")


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_no_cell_is_a_formula_and_no_word_is_lost(texts: list[str]) -> None:
    written = as_csv([Table("t", "Title", "", ("Heading",), [[text] for text in texts], "")])
    read = list(csv.reader(io.StringIO(written, newline="")))[2:]
    cells = [row[0] if row else "" for row in read]
    assert not any(cell.lstrip(" ").startswith(FORMULA) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]


def test_topics_are_drawn_by_day_where_a_day_is_known() -> None:
    rows = [["Costs", 9, 0, 0, 9], *([f"Topic {n}", 8 - n, 1, 7 - n, 0] for n in range(6))]
    drawn = Table("t", "Title", "", ("Topic", "Times", "Day 0", "Day 1 to 3", "Not known"), rows, "", 1, (0, 1))
    assert drawn.bars[:2] == [("Costs", 9), ("Topic 0", 8)]
    assert [title for title, _ in drawn.by_day] == ["Topic 0", "Topic 1", "Topic 2", "Topic 3"]
    assert drawn.by_day[0] == ("Topic 0", [("0", 1), ("1", 7)])
    assert replace(drawn, days=()).by_day == replace(drawn, chart=None).by_day == replace(drawn, chart=None).bars == []


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        ({"seconds": 20}, "under 1 min"),
        ({"minutes": 9}, "9 min"),
        ({"hours": 2, "minutes": 5}, "2 h 5 min"),
        ({"days": 3}, "3 days"),
    ],
)
def test_waits_are_told_as_people_do(wait: dict[str, int], told: str) -> None:
    assert lasting(timedelta(**wait)) == told
