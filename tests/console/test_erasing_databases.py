"""Erasing on each kind of database, while others write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from stipple.console.patients import erasing
from stipple.console.patients.changing import GoneError
from stipple.records.clarity import count_reply
from stipple.records.conversations import (
    UnknownLinkError,
    add_deliveries,
    add_message,
    issue_link,
    open_link,
    start_conversation,
)
from stipple.records.database import Database
from stipple.records.models import Base, Clinic, Conversation, Message, Patient
from stipple.records.spool import Spool
from tests.console.conftest import NOW
from tests.records.conftest import database, postgres, sqlite_template, sqlite_url

__all__ = ["database", "postgres", "sqlite_template", "sqlite_url"]
NOWHERE_ELSE = erasing.Elsewhere("sqlite:////nowhere/engine.db", Spool(Path("/nowhere/spool")))


def held(database: Database) -> dict[str, int]:
    with database.begin() as db:
        tables = [t for t in Base.metadata.sorted_tables if t.name not in ("audit", "clinic", "engine_leftover")]
        return {t.name: n for t in tables if (n := db.scalar(select(func.count()).select_from(t)) or 0)}


def patient(database: Database) -> tuple[str, str, str]:
    """A patient, their conversation and a link."""
    with database.begin() as db:
        clinic = db.scalar(select(Clinic)) or Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)
        db.flush()
        ann = Patient(clinic_id=clinic.id, reference="P-1", name="Ann", created_at=NOW)
        db.add(ann)
        db.flush()
        talk = start_conversation(db, "web", NOW, ann.id)
        return ann.id, talk.id, issue_link(db, ann, NOW + timedelta(days=1))


def erase(database: Database, ann: str, typed: str = "P-1", now: datetime = NOW) -> bool:
    return erasing.erase(database, ann, typed, now, None, NOWHERE_ELSE)


def test_a_patient_is_erased_once(database: Database) -> None:
    ann, *_ = patient(database)
    with pytest.raises(erasing.WrongReferenceError):
        erase(database, ann, "p-1")
    assert erase(database, ann)
    assert held(database) == {}
    with pytest.raises(GoneError):
        erase(database, ann)


def test_whoever_writes_or_opens_a_link_at_that_moment_leaves_nothing(database: Database) -> None:
    for _ in range(5):
        ann, talk, token = patient(database)
        together = Barrier(4)

        def write(talk: str = talk, together: Barrier = together) -> str:
            together.wait()
            for _ in range(6):
                try:
                    with database.begin() as db:
                        add_message(db, talk, "patient", "Hello", NOW)
                        reply = add_message(db, talk, "assistant", "Hi", NOW)
                        add_deliveries(db, reply, "web")
                        count_reply(db, reply)
                except DBAPIError as error:
                    return type(error).__name__
            return "all"

        def enter(token: str = token, together: Barrier = together) -> str:
            together.wait()
            try:
                with database.begin() as db:
                    open_link(db, token, "sms", NOW)
            except UnknownLinkError:
                return "unknown"
            return "in"

        def gone(ann: str = ann, together: Barrier = together) -> str:
            together.wait()
            try:
                return str(erase(database, ann))
            except GoneError:
                return "gone"

        with ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(f) for f in (write, enter, gone, gone)]
            wrote, entered, *erased = [f.result() for f in futures]
        assert wrote in ("IntegrityError", "all")
        assert entered in ("in", "unknown")
        assert sorted(erased) == ["True", "gone"]
        assert held(database) == {}
        with database.begin() as db:
            assert db.scalar(select(Message.id)) is None
            assert db.scalar(select(Conversation.id)) is None
