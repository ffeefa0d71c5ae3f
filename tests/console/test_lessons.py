"""Decisions about lessons, on each kind of database: two people at once, and what is anonymous."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from stipple.console import learning, lessons, teaching
from stipple.console.accounts import add_account
from stipple.console.anonymous import telling
from stipple.console.lessons import Offer, Origin
from stipple.console.rewording import RefusedError
from stipple.content.known import Known
from stipple.content.pack import Pack
from stipple.phrases import Phrase
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.lesson_models import Lesson
from stipple.records.staff_models import Staff
from tests.console.conftest import NOW, PASSWORD, WATER
from tests.fixtures import pack
from tests.records.conftest import database, postgres, sqlite_template, sqlite_url

__all__ = ["database", "pack", "postgres", "sqlite_template", "sqlite_url"]
FILES = Known([Phrase("aftercare/water", "can i get wet", "aftercare.yml"), Phrase("aftercare/sun", "sun", "")], set())
OFFER = Offer("aftercare/water", "noggin drenched", "", None)


@pytest.fixture
def staff(database: Database) -> list[Staff]:
    with database.begin() as db:
        return [add_account(db, f"{n}@clinic.example", n, "practitioner", PASSWORD, NOW) for n in ("robin", "sam")]


@pytest.fixture
def messages(database: Database) -> list[int]:
    with database.begin() as db:
        talk = start_conversation(db, "web", NOW)
        asked = [add_message(db, talk.id, "patient", f"noggin {n}", NOW) for n in range(2)]
        add_message(db, talk.id, "assistant", "No.", NOW, trace=[WATER])
        return [m.id for m in asked]


def test_of_two_who_propose_the_same_words_one_is_told(
    database: Database, staff: list[Staff], messages: list[int], pack: Pack
) -> None:
    together = Barrier(2)

    def propose(which: int) -> str:
        together.wait()
        try:
            with database.begin() as db:
                lessons.propose(db, Origin(messages[which]), OFFER, None, staff[which], pack, NOW)
        except RefusedError:
            return "refused"
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(propose, range(2))) == ["refused", "saved"]
    with database.begin() as db:
        assert len(db.scalars(select(Lesson)).all()) == 1


def test_of_two_who_decide_one_is_told(database: Database, staff: list[Staff], messages: list[int], pack: Pack) -> None:
    with database.begin() as db:
        third = add_account(db, "ida@clinic.example", "ida", "admin", PASSWORD, NOW)
        (lesson,) = lessons.propose(db, Origin(messages[0]), OFFER, None, third, pack, NOW)
    together = Barrier(2)

    def decide(which: int) -> str:
        together.wait()
        try:
            with database.begin() as db:
                if which:
                    lessons.accept(db, lesson.id, staff[which], FILES, pack, NOW)
                else:
                    lessons.reject(db, lesson.id, staff[which], "not clear", NOW)
        except RefusedError as error:
            return "told" if "has decided about this already" in str(error) else str(error)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, range(2))) == ["done", "told"]


def test_the_list_and_its_figures(database: Database, staff: list[Staff], messages: list[int], pack: Pack) -> None:
    robin, sam = staff
    with database.begin() as db:
        offer = Offer("aftercare/water", "noggin drenched", "may a wave splash me", None)
        phrase, case = lessons.propose(db, Origin(messages[0]), offer, None, robin, pack, NOW)
        lessons.nothing(db, messages[1], robin, NOW)
        lessons.accept(db, phrase.id, sam, FILES, pack, NOW)
    with database.begin() as db:
        assert learning.figures(db) == learning.Figures(misunderstood=1, left=0, waiting=1, taught=1, tested=0)
        (row,) = learning.read(db, learning.read_filters({}), FILES, pack).rows
        assert (row.lesson.id, row.found) == (case.id, [])
        assert [s.id for s in learning.accepted(db)] == [phrase.id]
        about = teaching.of_message(db, messages[1], pack, FILES)
        assert about
        assert about.understood[0].understood.startswith("Aftercare: ")
        typed = teaching.Typed("aftercare/sun", "Noggin: drenched!", "", "", True)
        look = teaching.look(db, about, typed, FILES, pack)
        assert [f.kind for f in look.findings["phrase"]] == ["conflict"]


def test_rules_that_changed_meanwhile_stop_a_case(
    database: Database, staff: list[Staff], messages: list[int], pack: Pack
) -> None:
    with database.begin() as db:
        offer = Offer("preparation/alcohol", "", "a dram on the eve", None)
        (case,) = lessons.propose(db, Origin(messages[0]), offer, None, staff[0], pack, NOW)
        case.expect = [case.expect[0] | {"verdict": ["ok"]}]
    with pytest.raises(RefusedError, match="rules have changed"), database.begin() as db:
        lessons.accept(db, case.id, staff[1], FILES, pack, NOW)


@pytest.mark.parametrize(
    ("text", "must", "may"),
    [
        ("can i swim on day 12 at 10:30", [], []),
        ("i am Ann, is it ok", ["Ann"], []),
        ("may i swim", [], []),
        ("this is Bob from work", ["Bob"], []),
        ("my postcode is sw1a 1aa", ["sw1a 1aa"], []),
        ("born 03/04/1980", ["03/04/1980"], []),
        ("ref 48213 please", ["48213"], []),
        ("see www.example.org or a@b.example", ["www.example.org", "a@b.example"], []),
        ("my son Tariq says no", [], ["Tariq"]),
        ("patient p-77 asks", ["p-77"], []),
    ],
)
def test_what_tells_who_somebody_is(text: str, must: list[str], may: list[str]) -> None:
    found = telling(text, ("Ann May", "P-77"), lambda w: 500 if w == "may" else 0)
    assert [t.words for t in found if t.must] == must
    assert [t.words for t in found if not t.must and t.what == "written like a name"] == may
