"""Published wordings never change; publishing adds versions of what is new and retires what is gone."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from stipple.cli import main
from stipple.content.pack import Pack
from stipple.records.database import Database
from stipple.records.models import Instruction, Wording
from stipple.records.wordings import (
    CONSOLE,
    Words,
    current_wordings,
    freshness,
    new_version,
    publish_pack,
    reworded,
)
from stipple.settings import ROOT

FIRST = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=30)


@pytest.fixture(scope="module")
def small(pack: Pack) -> Pack:
    """Three instructions of the shipped pack."""
    about = dict(list(pack.about.items())[:3])
    empty = {name: {} for name in ("care_plan", "signs", "red_flags", "conditions", "goals", "preparation", "visit")}
    return replace(pack, about=about, **empty)


def changed(pack: Pack, **fields: object) -> tuple[Pack, str]:
    """The pack with the first topic's ``fields`` changed, and the instruction's id."""
    first = next(iter(pack.about.values()))
    return replace(pack, about={**pack.about, first.id: first.model_copy(update=fields)}), f"about_smp/{first.id}"


def versions(database: Database, instruction: str) -> list[tuple[int, str]]:
    with database.begin() as db:
        rows = db.scalars(select(Wording).where(Wording.instruction_id == instruction).order_by(Wording.version))
        return [(w.version, w.text) for w in rows]


def retired_at(database: Database, instruction: str) -> datetime | None:
    with database.begin() as db:
        return db.get_one(Instruction, instruction).retired_at


def publish(database: Database, pack: Pack, at: datetime = FIRST) -> int:
    with database.begin() as db:
        return publish_pack(db, pack, "Dr Example", at)


def test_the_shipped_pack_is_published_whole_and_only_once(database: Database, pack: Pack) -> None:
    statements = {s.id: s for s in pack.statements()}
    assert publish(database, pack) == len(statements)
    with database.begin() as db:
        found = current_wordings(db)
        assert db.scalar(select(func.count()).select_from(Instruction)) == len(statements)
    assert {i: (w.version, w.text, w.why, w.simpler) for i, w in found.items()} == {
        i: (1, s.approved.text, s.approved.why, s.approved.simpler) for i, s in statements.items()
    }
    assert publish(database, pack, LATER) == 0


@pytest.mark.parametrize("field", ["text", "why", "simpler"])
def test_only_a_changed_instruction_gets_a_new_version(database: Database, small: Pack, field: str) -> None:
    publish(database, small)
    new, instruction = changed(small, **{field: "Quite another sentence."})
    assert publish(database, new, LATER) == 1
    with database.begin() as db:
        found = current_wordings(db)
    assert getattr(found[instruction], field) == "Quite another sentence."
    assert {i: w.version for i, w in found.items()} == {s.id: 2 if s.id == instruction else 1 for s in new.statements()}


def test_the_old_version_stays_as_it_was(database: Database, small: Pack) -> None:
    publish(database, small)
    new, instruction = changed(small, text="Quite another sentence.")
    publish(database, new, LATER)
    old = next(s for s in small.statements() if s.id == instruction)
    assert versions(database, instruction) == [(1, old.approved.text), (2, "Quite another sentence.")]
    with database.begin() as db:
        rows = db.scalars(select(Wording).where(Wording.instruction_id == instruction).order_by(Wording.version))
        assert [(w.published_at, w.published_by) for w in rows] == [(FIRST, "Dr Example"), (LATER, "Dr Example")]


def test_going_back_to_an_old_text_is_a_new_version(database: Database, small: Pack) -> None:
    new, instruction = changed(small, text="Quite another sentence.")
    for pack in (small, new, small):
        publish(database, pack)
    assert [v for v, _ in versions(database, instruction)] == [1, 2, 3]


def test_another_source_is_no_new_wording(database: Database, small: Pack) -> None:
    publish(database, small)
    assert publish(database, changed(small, sources=["Another source"])[0]) == 0


def test_a_missing_instruction_is_retired_and_keeps_its_wording(database: Database, small: Pack) -> None:
    publish(database, small)
    gone, *_ = small.about
    rest = replace(small, about={k: v for k, v in small.about.items() if k != gone})
    assert publish(database, rest, LATER) == 0
    assert retired_at(database, f"about_smp/{gone}") == LATER
    assert [retired_at(database, s.id) for s in rest.statements()] == [None, None]
    assert versions(database, f"about_smp/{gone}") == [(1, small.about[gone].text)]
    publish(database, rest, LATER + timedelta(days=1))
    assert retired_at(database, f"about_smp/{gone}") == LATER, "the day it was retired must not move"


def test_an_instruction_that_comes_back_is_not_retired_any_more(database: Database, small: Pack) -> None:
    publish(database, small)
    gone, *_ = small.about
    publish(database, replace(small, about={k: v for k, v in small.about.items() if k != gone}), LATER)
    assert publish(database, small, LATER) == 0
    assert retired_at(database, f"about_smp/{gone}") is None
    assert [v for v, _ in versions(database, f"about_smp/{gone}")] == [1]


@pytest.mark.parametrize("field", ["text", "why", "simpler", "published_by"])
def test_a_published_wording_cannot_be_changed(database: Database, small: Pack, field: str) -> None:
    publish(database, small)
    with pytest.raises(ValueError, match="is published and cannot change"), database.begin() as db:
        setattr(db.scalars(select(Wording)).first(), field, "Something else.")
    with database.begin() as db:
        assert "Something else." not in db.scalars(select(getattr(Wording, field))).all()


def test_a_published_wording_cannot_be_deleted(database: Database, small: Pack) -> None:
    publish(database, small)
    with pytest.raises(ValueError, match="is published and cannot change"), database.begin() as db:
        db.delete(db.scalars(select(Wording)).first())
    with database.begin() as db:
        assert db.scalar(select(func.count()).select_from(Wording)) == 3


def test_their_count_tells_that_something_was_published(database: Database, small: Pack) -> None:
    def newest() -> int:
        with database.begin() as db:
            return freshness(db)[0]

    assert newest() == 0
    publish(database, small)
    first = newest()
    publish(database, small)
    assert newest() == first > 0
    publish(database, changed(small, text="Quite another sentence.")[0])
    assert newest() > first


def publish_in_console(database: Database, instruction: str, words: Words) -> None:
    with database.begin() as db:
        newest = current_wordings(db)[instruction].version
        db.add(new_version(instruction, words, newest, "Robin", LATER, CONSOLE))


def texts(database: Database, instruction: str) -> list[str]:
    return [text for _, text in versions(database, instruction)]


def kept(database: Database, pack: Pack) -> list[str]:
    with database.begin() as db:
        return reworded(db, pack)


def test_the_files_leave_what_staff_published_until_they_change_themselves(database: Database, small: Pack) -> None:
    publish(database, small)
    new, instruction = changed(small, text="What the file says now.")
    first = versions(database, instruction)[0][1]
    publish_in_console(database, instruction, Words("What staff say.", "", "Simpler."))
    assert publish(database, small) == 0
    assert kept(database, small) == [instruction]
    assert publish(database, new) == 1
    assert texts(database, instruction) == [first, "What staff say.", "What the file says now."]
    assert kept(database, new) == []
    with database.begin() as db:
        origins = db.scalars(select(Wording.origin).where(Wording.instruction_id == instruction).order_by(Wording.id))
        assert list(origins) == ["files", "console", "files"]


def test_files_that_catch_up_publish_nothing_and_undo_nothing_later(database: Database, small: Pack) -> None:
    publish(database, small)
    caught_up, instruction = changed(small, text="What staff say.", why="", simpler="Simpler.")
    publish_in_console(database, instruction, Words("What staff say.", "", "Simpler."))
    assert publish(database, caught_up) == 0
    publish_in_console(database, instruction, Words("Better still.", "", "Simpler."))
    assert publish(database, caught_up) == 0
    assert texts(database, instruction)[1:] == ["What staff say.", "Better still."]


def test_the_command_names_what_it_left_alone(
    sqlite_url: str,
    no_settings: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    no_settings.setenv("STIPPLE_DATABASE_URL", sqlite_url)
    no_settings.setenv("STIPPLE_CONTENT_DIR", str(ROOT / "data" / "clinic"))
    monkeypatch.setattr(sys, "argv", ["stipple", "content", "publish", "--by", "Robin"])
    said = []
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        said.append(capsys.readouterr().out)
        database = Database(sqlite_url)
        publish_in_console(database, "aftercare/water/0-3", Words("What staff say.", "So.", "Simpler."))
        database.engine.dispose()
    assert "left alone" not in said[0]
    assert said[1].splitlines()[:3] == [
        "0 wordings published.",
        "1 left alone, because staff published another wording in the console since:",
        "  aftercare/water/0-3",
    ]


def test_a_wording_stored_late_under_a_lower_number_makes_caches_stale(database: Database, small: Pack) -> None:
    """Two people publish at once: the one whose row got the lower number may be the later one to commit."""
    publish(database, small)
    instruction = f"about_smp/{next(iter(small.about))}"
    other = f"about_smp/{list(small.about)[1]}"
    with database.begin() as db:
        wording = new_version(instruction, Words("One.", "", "One."), 1, "Robin", LATER)
        wording.id = 1000
        db.add(wording)
    with database.begin() as db:
        before = freshness(db)
        wording = new_version(other, Words("Two.", "", "Two."), 1, "Sam", LATER)
        wording.id = 999
        db.add(wording)
    with database.begin() as db:
        assert freshness(db) > before
