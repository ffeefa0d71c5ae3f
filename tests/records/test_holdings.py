"""Everything held of a patient is known, and goes; the clarity page's totals stay what they were."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, func, inspect, select

from stipple.records.clarity_models import ERASED, ClarityPerson
from stipple.records.clarity_recount import rebuild
from stipple.records.database import Database, open_database
from stipple.records.engine_state import SETTLED, clear_engine, leave_for_engine, left
from stipple.records.erasure_models import EngineLeftover
from stipple.records.holdings import HELD, NOT_HELD, Owner, count_rows, erase_rows, unlisted
from stipple.records.models import Base, Conversation

from .conftest import NOW, scratch_postgres
from .test_clarity import RULES, STEPS, TALKS, UNCLEAR, WATER, Step, counted_anew, play, start, step, tables

ANN = Owner("ann", "ann")


def test_every_table_that_refers_to_a_patient_is_on_the_list_or_has_a_reason() -> None:
    assert unlisted(Base.metadata) == set()
    assert all(len(reason) > 20 for reason in NOT_HELD.values())
    assert set(NOT_HELD) <= set(Base.metadata.tables)


def test_a_table_that_was_forgotten_is_found() -> None:
    metadata = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(metadata)
    Table("note", metadata, Column("id", Integer, primary_key=True), Column("session", ForeignKey("session.id")))
    Table("reply", metadata, Column("note", ForeignKey("note.id"), primary_key=True))
    Table("other", metadata, Column("clinic", ForeignKey("clinic.id"), primary_key=True), Column("text", String))
    assert unlisted(metadata) == {"note", "reply"}


def test_what_refers_to_another_table_goes_before_it() -> None:
    order = [held.sql.name for held in HELD]
    for place, held in enumerate(HELD):
        for key in held.sql.foreign_keys:
            if key.column.table.name in order:
                assert order.index(key.column.table.name) > place, held.label


def test_columns_that_name_staff_are_listed() -> None:
    for held in HELD:
        named = {c.name for c in held.sql.columns if c.name.endswith("_by") or c.name == "practitioner"}
        assert named <= {*held.staff, *held.hidden}, held.label
        assert {*held.staff, *held.notes, *held.hidden} <= set(held.sql.columns.keys()), held.label
        secrets = {c.name for c in held.sql.columns if "hash" in c.name or "secret" in c.name or "token" in c.name}
        assert secrets <= set(held.hidden), held.label


def test_rows_that_refer_to_an_erased_one_are_found_by_an_index(database: Database) -> None:
    """Without one, the database would read the whole table for each message that goes."""
    found = inspect(database.engine)
    gone = {held.sql.name for held in HELD}
    for table in (held.sql for held in HELD):
        leading = {index["column_names"][0] for index in found.get_indexes(table.name)}
        leading |= {unique["column_names"][0] for unique in found.get_unique_constraints(table.name)}
        leading.add(found.get_pk_constraint(table.name)["constrained_columns"][0])
        for key in table.foreign_keys:
            if key.column.table.name in gone:
                assert key.parent.name in leading, f"{table.name}.{key.parent.name}"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(STEPS, min_size=6, max_size=25), after=st.lists(STEPS, max_size=10))
def test_totals_stay_and_a_recount_agrees_after_erasing(
    database: Database, before: list[Step], after: list[Step]
) -> None:
    start(database)
    play(database, *before)
    totals = tables(database).counts
    with database.begin() as db:
        erase_rows(db, ANN)
    kept = tables(database)
    assert kept.counts == totals
    assert kept == counted_anew(database)
    play(database, *[s for s in after if TALKS[s.talk][0] != "ann"])
    kept = tables(database)
    assert kept == counted_anew(database)
    with database.begin() as db:
        rebuild(db)
    assert tables(database) == kept
    assert not any(person in ("ann", "ann-web", "ann-sms") for person, _ in kept.people)


def test_an_erased_persons_rows_do_not_tell_that_they_were_one_persons(database: Database) -> None:
    start(database)
    other = WATER | {"rule_id": RULES[1]}
    play(database, step("ann-web", WATER), step("ann-sms", WATER), step("ann-web", UNCLEAR), step("ann-web", other))
    with database.begin() as db:
        assert {k: n for k, n in count_rows(db, ANN).items() if n} == {
            "record": 1, "conversations": 2, "messages": 8, "instructions shown": 3, "signs of confusion": 2,
            "active months": 2,
        }  # fmt: skip
        erase_rows(db, ANN)
        assert not any(count_rows(db, ANN).values())
        names = db.execute(select(ClarityPerson.instruction_id, ClarityPerson.person).distinct()).all()
        assert db.scalars(select(Conversation.id).order_by(Conversation.id)).all() == ["bea-web", "visitor"]
    assert sorted(rule for rule, _ in names) == sorted(RULES[:2])
    assert len({person for _, person in names}) == 2
    assert all(person.startswith(ERASED) for _, person in names)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_engine_forgets_now_or_later(
    database: Database, kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    with database.begin() as db:
        leave_for_engine(db, ["a" * 32, "b" * 32], NOW)
    assert not clear_engine(database, "postgresql://nobody@127.0.0.1:1/none", NOW)
    with database.begin() as db:
        assert left(db) == 2
    if kind == "sqlite":
        _forgets(database, f"sqlite:///{tmp_path_factory.mktemp('engine') / 'engine.db'}")
    else:
        with scratch_postgres() as url:
            _forgets(database, url.replace("+psycopg", ""))


def _forgets(database: Database, url: str) -> None:
    assert clear_engine(database, url, NOW), "an engine that never ran remembers nothing"
    states = Table(
        "dialogue_state", MetaData(), Column("conversation_id", String(64), primary_key=True), Column("state", String)
    )
    engine = open_database(url.replace("postgresql:", "postgresql+psycopg:"))
    states.metadata.create_all(engine)
    for later in (timedelta(), SETTLED):
        # An answer that was on its way puts a state back: it is cleared as long as one may.
        with engine.begin() as connection:
            connection.execute(states.delete())
            connection.execute(states.insert(), [{"conversation_id": c * 32, "state": "itch"} for c in "abc"])
        assert clear_engine(database, url, NOW + later)
        with engine.connect() as connection:
            assert connection.scalars(select(states.c.conversation_id)).all() == ["c" * 32]
    with database.begin() as db:
        assert left(db) == 0
        assert db.scalar(select(func.count()).select_from(EngineLeftover)) == 0
    engine.dispose()
