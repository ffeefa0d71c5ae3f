"""Decisions about wordings, on each kind of database: who may, what is refused, and two people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from stipple.console import rewording, wordings
from stipple.console.accounts import add_account
from stipple.content.pack import Pack
from stipple.records.database import Database
from stipple.records.models import Instruction, Wording
from stipple.records.staff_models import Audit, Staff
from stipple.records.wording_models import WordingDraft, WordingProposal
from stipple.records.wordings import Words, current_wordings, publish_pack, words_of
from tests.console.conftest import NOW, PASSWORD
from tests.fixtures import pack
from tests.records.conftest import database, postgres, sqlite_template, sqlite_url

__all__ = ["database", "pack", "postgres", "sqlite_template", "sqlite_url"]
RULE = "aftercare/water/0-3"
FLAG = "red_flag/sepsis"
NEW = Words("Keep your head dry until day 4.", "The dots are small wounds.", "No water on your head yet.")
OTHER = replace(NEW, text="Keep water off your head until day 4.")


@pytest.fixture
def staff(database: Database, pack: Pack) -> dict[str, Staff]:
    """One account of each role and a second practitioner, where the shipped content is published."""
    with database.begin() as db:
        publish_pack(db, pack, "content files", NOW)
        roles = {"reviewer": "reviewer", "robin": "practitioner", "sam": "practitioner", "admin": "admin"}
        return {n: add_account(db, f"{n}@clinic.example", n.capitalize(), r, PASSWORD, NOW) for n, r in roles.items()}


def propose(database: Database, who: Staff, pack: Pack, words: Words = NEW, base: int = 1, rule: str = RULE) -> int:
    with database.begin() as db:
        return rewording.propose(db, rule, who, words, base, pack, NOW).id


def approve(database: Database, who: Staff, number: int, pack: Pack) -> int:
    with database.begin() as db:
        return rewording.approve(db, number, who, pack, NOW + timedelta(hours=1)).version


def now_read(database: Database, rule: str = RULE) -> Words:
    with database.begin() as db:
        return current_wordings(db)[rule].words


def decision(database: Database, number: int) -> tuple[str | None, str]:
    with database.begin() as db:
        found = db.get_one(WordingProposal, number)
        return found.decision, found.reason


def audit(database: Database) -> list[tuple[str, str]]:
    with database.begin() as db:
        rows = db.scalars(select(Audit).order_by(Audit.id))
        return [(row.action, row.subject) for row in rows if row.action.startswith("wording")]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(rewording.RefusedError) as refusal:
        call()
    return str(refusal.value)


@pytest.mark.parametrize("proposer", ["reviewer", "robin", "admin"])
def test_a_second_person_publishes_what_one_proposed(
    database: Database, staff: dict[str, Staff], pack: Pack, proposer: str
) -> None:
    before = now_read(database)
    number = propose(database, staff[proposer], pack)
    assert now_read(database) == before
    assert approve(database, staff["sam"], number, pack) == 2
    assert now_read(database) == NEW
    with database.begin() as db:
        first, second = db.scalars(select(Wording).where(Wording.instruction_id == RULE).order_by(Wording.version))
        assert (words_of(first), second.published_by, second.origin) == (before, "Sam", "console")
    assert decision(database, number) == ("approved", "")
    assert audit(database) == [("wording_proposed", f"wording/{RULE}"), ("wording_approved", f"proposal/{number}")]


@pytest.mark.parametrize("who", ["robin", "admin"])
def test_nobody_approves_or_rejects_their_own(
    database: Database, staff: dict[str, Staff], pack: Pack, who: str
) -> None:
    number = propose(database, staff[who], pack)
    assert "You proposed this yourself" in refused(lambda: approve(database, staff[who], number, pack))
    with database.begin() as db:
        assert "your own proposal" in refused(lambda: rewording.reject(db, number, staff[who], "no good", NOW))
    assert decision(database, number) == (None, "")


def test_a_reviewer_or_somebody_whose_account_is_closed_publishes_nothing(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    number = propose(database, staff["robin"], pack)
    with database.begin() as db:
        db.get_one(Staff, staff["sam"].id).disabled_at = NOW
    for who in ("sam", "reviewer"):
        said = refused(lambda who=who: approve(database, staff[who], number, pack))  # type: ignore[misc]
        assert said == "Your account may not approve wordings any more."
    assert decision(database, number) == (None, "")
    assert approve(database, staff["admin"], number, pack) == 2


def test_a_proposal_of_somebody_who_has_left_can_be_approved(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    number = propose(database, staff["robin"], pack)
    with database.begin() as db:
        db.get_one(Staff, staff["robin"].id).disabled_at = NOW
    assert approve(database, staff["sam"], number, pack) == 2


def test_of_two_who_approve_at_once_one_publishes(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    number = propose(database, staff["reviewer"], pack)
    together = Barrier(2)

    def press(who: str) -> str:
        together.wait()
        try:
            return f"version {approve(database, staff[who], number, pack)}"
        except rewording.RefusedError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, ("robin", "sam")))
    assert said[1] == "version 2"
    assert "has decided about this already: it was approved." in said[0]


def test_of_two_proposals_approved_at_once_one_is_out_of_date(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    numbers = [propose(database, staff["reviewer"], pack), propose(database, staff["admin"], pack, OTHER)]
    together = Barrier(2)

    def press(work: tuple[str, int]) -> str:
        together.wait()
        try:
            return f"version {approve(database, staff[work[0]], work[1], pack)}"
        except rewording.OutOfDateError:
            return "out of date"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, zip(("robin", "sam"), numbers, strict=True)))
    assert said == ["out of date", "version 2"]


def test_a_proposal_made_on_an_older_version_must_be_proposed_again(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    older = propose(database, staff["reviewer"], pack)
    approve(database, staff["sam"], propose(database, staff["robin"], pack, OTHER), pack)
    with pytest.raises(rewording.OutOfDateError):
        approve(database, staff["robin"], older, pack)
    with pytest.raises(rewording.OutOfDateError):
        propose(database, staff["reviewer"], pack, base=1)
    with database.begin() as db:
        (shown,) = wordings.overview(db, staff["reviewer"], "", pack).waiting
        assert (shown.id, shown.mine, shown.stale) == (older, True, True)
    again = propose(database, staff["reviewer"], pack, base=2)
    assert decision(database, older) == ("withdrawn", rewording.REPLACED)
    assert approve(database, staff["robin"], again, pack) == 3


def test_the_same_pressed_twice_is_one_proposal(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    assert propose(database, staff["robin"], pack) == propose(database, staff["robin"], pack)
    assert propose(database, staff["sam"], pack) != propose(database, staff["robin"], pack)


def test_what_patients_read_already_is_no_proposal(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    assert "already" in refused(lambda: propose(database, staff["robin"], pack, now_read(database)))


@pytest.mark.parametrize(
    ("rule", "words", "field", "problem"),
    [
        (RULE, replace(NEW, text="You may stop taking your medicine."), "text", "must never stop a medicine"),
        (RULE, replace(NEW, why="It is £50."), "why", "must never quote a price"),
        (RULE, replace(NEW, simpler="That is ruined."), "simpler", "leave out “ruin”"),
        (RULE, replace(NEW, why=""), "why", "The reason is missing."),
        (RULE, replace(NEW, text=""), "text", "The text is missing."),
        (RULE, replace(NEW, text="Dry. " * 300), "text", "at most 1000 letters"),
        (
            RULE,
            replace(NEW, text="Subsequently moisturise affected epidermal areas."),
            "text",
            "too hard to read: grade",
        ),
        (RULE, replace(NEW, text="Subsequently moisturise epidermal areas for £50."), "text", "never quote a price"),
        (RULE, replace(NEW, text="You are on day {day}."), "text", "Nothing can be filled in here."),
        (RULE, replace(NEW, text="Keep it { dry."), "text", "leave out the curly brackets"),
        (FLAG, replace(NEW, why="", text="Call for help now."), "text", "Please put back {emergency_number}."),
        (FLAG, replace(NEW, why="", text="Call {emergency_number} or {x} now."), "text", "curly brackets"),
        (FLAG, replace(NEW, why="", text="Call {emergency_number:>999999999} now."), "text", "curly brackets"),
        (FLAG, replace(NEW, why="{emergency_number}", text="Call {emergency_number} now."), "why", "curly brackets"),
    ],
)
def test_what_patients_must_not_read_is_refused_with_the_reason(
    database: Database, staff: dict[str, Staff], pack: Pack, rule: str, words: Words, field: str, problem: str
) -> None:
    with pytest.raises(rewording.RefusedError) as refusal:
        propose(database, staff["robin"], pack, words, rule=rule)
    assert problem in refusal.value.problems[field]
    assert set(refusal.value.problems) == {field}
    with database.begin() as db:
        assert db.scalars(select(WordingProposal)).all() == []


def test_a_danger_signs_text_that_keeps_its_number_is_fine(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    words = Words("Call {emergency_number} now. Do not wait.", "", "Call {emergency_number}, or us on {clinic_phone}.")
    approve(database, staff["sam"], propose(database, staff["robin"], pack, words, rule=FLAG), pack)
    assert now_read(database, FLAG) == words


def test_the_words_are_tidied(database: Database) -> None:
    form = {"text": " A\u202e b \r\n c\x07\t \r", "why": "x\u200by", "simpler": "\ud800z"}
    assert rewording.tidy(form["text"]) == "A b\n c"
    assert [rewording.tidy(form[n]) for n in ("why", "simpler")] == ["xy", "z"]


def test_a_retired_instruction_keeps_its_words(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    number = propose(database, staff["reviewer"], pack)
    with database.begin() as db:
        db.get_one(Instruction, RULE).retired_at = NOW
    for call in (lambda: approve(database, staff["sam"], number, pack), lambda: propose(database, staff["sam"], pack)):
        assert "no longer used" in refused(call)
    with database.begin() as db:
        rewording.reject(db, number, staff["sam"], "It is not used any more.", NOW)


def test_rejected_with_a_reason_and_withdrawn(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    number = propose(database, staff["reviewer"], pack)
    with database.begin() as db:
        assert "say why" in refused(lambda: rewording.reject(db, number, staff["sam"], " no ", NOW))
    with database.begin() as db:
        rewording.reject(db, number, staff["sam"], " Not right yet. ", NOW)
    assert decision(database, number) == ("rejected", "Not right yet.")
    assert "already: it was rejected" in refused(lambda: approve(database, staff["robin"], number, pack))
    second = propose(database, staff["reviewer"], pack)
    with database.begin() as db:
        assert "Only the person" in refused(lambda: rewording.withdraw(db, second, staff["sam"], NOW))
    with database.begin() as db:
        rewording.withdraw(db, second, staff["reviewer"], NOW)
        draft = db.get_one(WordingDraft, (RULE, staff["reviewer"].id))
        assert words_of(draft) == NEW
    assert "already: it was withdrawn" in refused(lambda: approve(database, staff["robin"], second, pack))


def test_back_to_an_earlier_version_alone_and_with_a_reason(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    first = now_read(database)
    approve(database, staff["sam"], propose(database, staff["robin"], pack), pack)

    def back(who: str, reason: str = "Patients took it the wrong way.", seen: int = 2, version: int = 1) -> Wording:
        with database.begin() as db:
            return rewording.roll_back(db, RULE, version, staff[who], reason, seen, pack, NOW)

    assert "say why" in refused(lambda: back("sam", " . "))
    assert "may not" in refused(lambda: back("reviewer"))
    assert "already" in refused(lambda: back("sam", version=2))
    with pytest.raises(rewording.UnknownError):
        back("sam", version=9)
    with pytest.raises(rewording.OutOfDateError):
        back("sam", seen=1)
    made = back("robin")
    assert (made.version, made.restores, made.reason, made.published_by) == (
        3, 1, "Patients took it the wrong way.", "Robin",
    )  # fmt: skip
    assert now_read(database) == first
    with pytest.raises(rewording.OutOfDateError):
        back("sam")


def test_going_back_is_refused_to_what_must_not_be_said_but_not_for_being_hard(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    with database.begin() as db:
        for version, text in (
            (2, "Call somebody eligible."),
            (3, "Subsequently moisturise affected areas."),
            (4, "Dry."),
        ):
            said = {"text": text, "why": "Why", "simpler": "Dry."}
            facts = {"published_at": NOW, "published_by": "Old", "instruction_id": RULE}
            db.add(Wording(version=version, **said, **facts))
    with database.begin() as db:
        back = lambda: rewording.roll_back(db, RULE, 2, staff["sam"], "because of that", 4, pack, NOW)  # noqa: E731
        assert "must never" in refused(back)
    with database.begin() as db:
        assert rewording.roll_back(db, RULE, 3, staff["sam"], "because of that", 4, pack, NOW).version == 5


def test_a_draft_is_the_persons_own_and_goes_when_it_is_proposed(
    database: Database, staff: dict[str, Staff], pack: Pack
) -> None:
    for words in (OTHER, NEW):
        with database.begin() as db:
            rewording.save_draft(db, RULE, staff["robin"], words, 1, NOW)
    with database.begin() as db:
        rewording.save_draft(db, RULE, staff["sam"], OTHER, 1, NOW)
        assert [d.instruction for d in wordings.overview(db, staff["robin"], "", pack).drafts] == [RULE]
        draft = wordings.draft_of(db, RULE, staff["robin"])
        assert draft
        assert words_of(draft) == NEW
    propose(database, staff["robin"], pack)
    with database.begin() as db:
        assert wordings.draft_of(db, RULE, staff["robin"]) is None
        assert wordings.draft_of(db, RULE, staff["sam"]) is not None
        rewording.discard_draft(db, RULE, staff["sam"], NOW)
    with database.begin() as db:
        assert db.scalars(select(WordingDraft)).all() == []
        with pytest.raises(rewording.UnknownError):
            rewording.save_draft(db, "nothing", staff["sam"], NEW, 1, NOW)


def test_what_staff_published_stays_at_the_next_start(database: Database, staff: dict[str, Staff], pack: Pack) -> None:
    approve(database, staff["sam"], propose(database, staff["robin"], pack), pack)
    with database.begin() as db:
        assert publish_pack(db, pack, "content files", NOW + timedelta(days=1)) == 0
    assert now_read(database) == NEW
    water = pack.care_plan["water"]
    windows = [water.windows[0].model_copy(update={"text": "What the file says now."}), *water.windows[1:]]
    changed = replace(pack, care_plan=pack.care_plan | {"water": water.model_copy(update={"windows": windows})})
    with database.begin() as db:
        assert publish_pack(db, changed, "content files", NOW + timedelta(days=2)) == 1
    assert now_read(database).text == "What the file says now."


@pytest.mark.parametrize(
    ("query", "first"),
    [("scalp wet", "aftercare/water/"), ("WATER 0-3", RULE), ("fear sepsis", FLAG), ("zzz", "")],
)
def test_an_instruction_is_found_by_words_or_topic(
    database: Database, staff: dict[str, Staff], pack: Pack, query: str, first: str
) -> None:
    with database.begin() as db:
        found = wordings.overview(db, staff["robin"], query, pack).found
    assert (found[0].instruction if found else "").startswith(first)
    assert bool(found) == bool(first)
