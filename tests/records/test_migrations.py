"""The migrations build exactly the models' tables, and running them again changes nothing."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from stipple.records.database import Database, migration_config, open_database, upgrade
from stipple.records.models import Base, Clinic, Conversation, Course, Message, Patient, Session

from .conftest import NOW


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def schema(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            sorted(str(i) for i in found.get_indexes(table)),
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
    named |= {"care_plan_change_kind"}
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
