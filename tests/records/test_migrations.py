"""The migrations build exactly the models' tables, and running them again changes nothing."""

import json
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from stipple.records.database import Database, migration_config, open_database, upgrade
from stipple.records.models import Base, Clinic, Conversation, Course, Message, Patient, Session
from stipple.records.search import in_models
from stipple.records.wordings import Words

from .conftest import NOW


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": in_models}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def schema(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            sorted((str(i["name"]), str(i["column_names"]), i["unique"]) for i in found.get_indexes(table)),
            sorted(str(c) for c in found.get_check_constraints(table)),
        )
        for table in found.get_table_names()
    }


def check_constraints(engine: Engine) -> set[str]:
    found = inspect(engine)
    return {str(c["name"]) for table in Base.metadata.tables for c in found.get_check_constraints(table)}


def add_rows(database: Database) -> None:
    with database.begin() as db:
        clinic = Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)
        db.flush()
        patient = Patient(clinic_id=clinic.id, reference="P-1", name="Name", created_at=NOW)
        patient.courses.append(Course(goal="hairline", planned_sessions=3))
        patient.courses[0].sessions.append(Session(number=1, starts_at=NOW, status="done"))
        db.add(patient)
        db.flush()
        conversation = Conversation(patient_id=patient.id, channel="web", created_at=NOW)
        db.add(conversation)
        db.flush()
        db.add(Message(conversation_id=conversation.id, sequence=1, author="patient", text="Hello", sent_at=NOW))


def all_rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {t.name: [tuple(r) for r in connection.execute(select(t))] for t in Base.metadata.sorted_tables}


def test_upgrade_from_empty_gives_exactly_the_models_schema(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_database(empty_url)
    assert differences(engine) == []
    named = {"course_planned_sessions", "session_status", "message_author", "alert_level", "staff_role"}
    named |= {"keeping_kind", "resolution_kind", "resolution_code"}
    named |= {"care_plan_change_kind"}
    named |= {"lesson_kind", "lesson_decision"}
    assert check_constraints(engine) == named
    engine.dispose()


def test_the_comparison_sees_a_difference(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_database(empty_url)
    with engine.begin() as connection:
        connection.execute(text("alter table clinic drop column time_zone"))
        connection.execute(text("drop index ix_course_patient_id"))
    assert {d[0] for d in differences(engine)} == {"add_column", "add_index"}
    engine.dispose()


def test_a_second_upgrade_changes_nothing_and_loses_no_rows(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)
    add_rows(database)
    before = schema(database.engine), all_rows(database.engine)
    assert sum(map(len, before[1].values())) == 6
    upgrade(empty_url)
    assert (schema(database.engine), all_rows(database.engine)) == before
    database.engine.dispose()


def test_upgrade_records_the_newest_revision(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_database(empty_url)
    with engine.connect() as connection:
        version = connection.scalar(text("select version_num from alembic_version"))
    engine.dispose()
    assert [version] == ScriptDirectory.from_config(migration_config(empty_url)).get_heads()


def test_upgrade_makes_the_folder_of_a_sqlite_file(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'var' / 'deep' / 'stipple.db'}")
    assert (tmp_path / "var" / "deep" / "stipple.db").stat().st_size > 0


def test_courses_made_before_they_had_numbers_are_numbered_for_each_patient(empty_url: str) -> None:
    command.upgrade(migration_config(empty_url), "0001")
    engine = open_database(empty_url)
    with engine.begin() as connection:
        connection.execute(text("insert into clinic (id, name, time_zone) values (1, 'Clinic', 'Europe/London')"))
        for name in ("a", "b"):
            values = {"id": name, "at": NOW.isoformat(sep=" ")}
            told = "insert into patient (id, clinic_id, reference, name, created_at) values (:id, 1, :id, :id, :at)"
            connection.execute(text(told), values)
        for owner in ("a", "b", "a"):
            told = "insert into course (patient_id, planned_sessions) values (:owner, 3)"
            connection.execute(text(told), {"owner": owner})
    upgrade(empty_url)
    with engine.connect() as connection:
        numbered = connection.execute(text("select patient_id, number from course order by id")).all()
    engine.dispose()
    assert [tuple(row) for row in numbered] == [("a", 1), ("b", 1), ("a", 2)]


def test_wordings_published_before_they_had_an_origin_are_the_files(empty_url: str) -> None:
    command.upgrade(migration_config(empty_url), "0006")
    engine = open_database(empty_url)
    with engine.begin() as connection:
        connection.execute(
            text("insert into instruction (id, subject, topic) values ('a/b', 'a', 'b'), ('c', 'c', '')")
        )
        for version in (1, 2):
            told = (
                "insert into wording (instruction_id, version, text, why, simpler, published_at, published_by)"
                " values ('a/b', :version, :text, 'Why', 'Simpler', :at, 'files')"
            )
            values = {"version": version, "text": f"Text é {version}", "at": NOW.isoformat(sep=" ")}
            connection.execute(text(told), values)
    upgrade(empty_url)
    with engine.connect() as connection:
        marks = connection.execute(text("select id, file_mark from instruction order by id")).all()
        origins = connection.scalars(text("select origin from wording")).all()
    engine.dispose()
    assert [tuple(row) for row in marks] == [("a/b", Words("Text é 2", "Why", "Simpler").mark), ("c", None)]
    assert origins == ["files", "files"]


def test_what_was_stored_before_the_inbox_keeps_its_place_and_its_names(empty_url: str) -> None:
    command.upgrade(migration_config(empty_url), "0006")
    engine = open_database(empty_url)
    person, missed = ({"kind": "contact", "topic": "person"}, {"kind": "ask_back", "topic": "did_you_mean"})
    traces = [[], [person], [missed], [{"kind": "unclear"}, missed], [{"kind": "contact", "topic": "hours"}], []]
    staff = (
        "insert into staff (id, email, name, role, password_hash, created_at) "
        "values (:id, :name || :id, :name, 'admin', '', :at)"
    )
    message = (
        "insert into message (id, conversation_id, sequence, author, text, choices, trace, outcome, sent_at) "
        "values (:id, 'c', :id, 'assistant', 'Hello', '[]', :trace, :outcome, :at)"
    )
    alert = (
        "insert into alert (id, conversation_id, message_id, level, signs, raised_at, taken_by, closed_by) "
        "values (:id, 'c', 1, 'doctor', '[]', :at, :taken, :closed)"
    )
    at = {"at": NOW.isoformat(sep=" ")}
    with engine.begin() as connection:
        connection.execute(text("insert into conversation (id, channel, created_at) values ('c', 'web', :at)"), at)
        for number, name in enumerate(("Robin", "Sam", "Sam"), 1):
            connection.execute(text(staff), {"id": number, "name": name} | at)
        for number, trace in enumerate(traces, 1):
            facts = {"trace": json.dumps(trace), "outcome": "fallback" if number == 6 else "answered"}
            connection.execute(text(message), {"id": number} | facts | at)
        for number, (taken, closed) in enumerate((("Robin", None), ("Sam", "Robin"), ("Nobody here", None)), 1):
            connection.execute(text(alert), {"id": number, "taken": taken, "closed": closed} | at)
    upgrade(empty_url)
    with engine.connect() as connection:
        needs = connection.scalars(text("select need from message order by id")).all()
        kept = connection.execute(text("select taken_by, taken_by_id, closed_by, closed_by_id from alert order by id"))
        names = [tuple(row) for row in kept]
    engine.dispose()
    assert needs == [None, "person", "missed", "unclear", None, "fallback"]
    # Two people have the name Sam, so nobody can tell which of them it was.
    assert names == [("Robin", 1, None, None), ("Sam", None, "Robin", 1), ("Nobody here", None, None, None)]


def test_accounts_keep_their_password_their_second_step_and_what_they_did(empty_url: str) -> None:
    command.upgrade(migration_config(empty_url), "0014")
    engine = open_database(empty_url)
    at = {"at": NOW.isoformat(sep=" ")}
    with engine.begin() as connection:
        told = "insert into staff (id, email, name, role, password_hash, totp_secret, totp_step, created_at)"
        connection.execute(text(f"{told} values (1, 'a@b.example', 'A', 'admin', 'hash', 'SECRET', 7, :at)"), at)
        told = "insert into audit (id, at, staff_id, action, subject, detail)"
        connection.execute(text(f"{told} values (1, :at, 1, 'signed_in', 'staff/1', '')"), at)
    upgrade(empty_url)
    with engine.connect() as connection:
        columns = "password_hash, totp_secret, totp_step, totp_sealed, start_password_until"
        account = connection.execute(text(f"select {columns} from staff")).one()
        actions = connection.scalars(text("select action from audit")).all()
    engine.dispose()
    assert tuple(account) == ("hash", "SECRET", 7, None, None)
    assert actions == ["signed_in"]
