"""What the database refuses, how times come back, and SQLite's settings."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from stipple.records.database import BUSY_TIMEOUT_MS, Database
from stipple.records.models import Base, Clinic, Conversation, Course, Message, Patient, Session

from .conftest import NOW

AddPatient = Callable[[str], Patient]


def count(database: Database, table: type[Base]) -> int:
    with database.begin() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/none")
        started = time.monotonic()
        with pytest.raises(OperationalError), database.begin() as db:
            db.execute(text("select 1"))
        assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", BUSY_TIMEOUT_MS), ("synchronous", 1)],
)
def test_every_sqlite_connection_has_the_settings(sqlite_url: str, pragma: str, value: Any) -> None:
    engine = Database(sqlite_url).engine
    with engine.connect() as first, engine.connect() as second:
        assert [c.scalar(text(f"pragma {pragma}")) for c in (first, second)] == [value, value]
    engine.dispose()


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as db:
        db.add(Course(patient_id="nobody", planned_sessions=3))
    assert count(database, Course) == 0


def test_an_error_tells_nothing_of_what_a_patient_said(database: Database) -> None:
    lost = Message(conversation_id="nowhere", sequence=1, author="patient", text="my secret", sent_at=datetime.now(UTC))
    with pytest.raises(IntegrityError) as caught, database.begin() as db:
        db.add(lost)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 6, 10, 9, 0, tzinfo=UTC),
        datetime(2026, 6, 10, 10, 0, tzinfo=ZoneInfo("Europe/London")),
        datetime(2026, 6, 9, 22, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-11))),
    ],
)
def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    with database.begin() as db:
        conversation = Conversation(channel="web", created_at=moment)
        db.add(conversation)
    with database.begin() as db:
        stored = db.scalar(select(Conversation.created_at))
    assert stored == moment
    assert stored is not None
    assert stored.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.begin() as db:
        db.add(Conversation(channel="web", created_at=datetime(2026, 6, 10, 9, 0)))  # noqa: DTZ001
    assert count(database, Conversation) == 0


def test_an_error_rolls_everything_back(database: Database) -> None:
    def add_and_fail() -> None:
        with database.begin() as db:
            db.add(Clinic(name="Clinic", time_zone="Europe/London"))
            db.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        add_and_fail()
    assert count(database, Clinic) == 0


@pytest.mark.parametrize("planned", [0, 21])
def test_a_course_has_from_1_to_20_sessions(database: Database, add_patient: AddPatient, planned: int) -> None:
    patient = add_patient("P-1")
    with pytest.raises(IntegrityError), database.begin() as db:
        db.add(Course(patient_id=patient.id, planned_sessions=planned))


def test_an_unknown_session_status_is_refused(database: Database, add_patient: AddPatient) -> None:
    course = Course(patient_id=add_patient("P-1").id, planned_sessions=3)
    with database.begin() as db:
        db.add(course)
    with pytest.raises(IntegrityError), database.begin() as db:
        db.add(Session(course_id=course.id, number=1, starts_at=NOW, status="maybe"))


def test_an_unknown_author_is_refused(database: Database) -> None:
    conversation = Conversation(channel="web", created_at=NOW)
    with database.begin() as db:
        db.add(conversation)
    with pytest.raises(IntegrityError), database.begin() as db:
        db.add(Message(conversation_id=conversation.id, sequence=1, author="robot", text="Hi", sent_at=NOW))


def test_a_reference_names_one_patient_of_the_clinic(database: Database, add_patient: AddPatient) -> None:
    add_patient("P-1")
    with pytest.raises(IntegrityError):
        add_patient("P-1")
    assert count(database, Patient) == 1
