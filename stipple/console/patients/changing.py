"""Changing a patient's record: tried first, so that what changes for the patient can be shown, then saved.

A change is tried by making it and taking it back, so that the preview cannot differ from what saving does. Each form
carries the version of the record that it was made from; a colleague's change in between is told, never overwritten.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import selectinload

from stipple.console.audit import note
from stipple.console.patients.standing import Difference, Standing, differences, standing
from stipple.content.pack import Pack
from stipple.records.database import Database
from stipple.records.models import Course, Patient
from stipple.records.staff_models import Staff
from stipple.records.wordings import current_wordings

Change = Callable[[DbSession, Patient], None]


class GoneError(Exception):
    """There is no such patient, or no such part of their record."""


class ChangedError(Exception):
    """A colleague has changed the record since the page was shown."""


class _TakenBackError(Exception):
    """Leaves the transaction without keeping what was tried."""


@dataclass(frozen=True)
class Effect:
    """What a change makes of the patient's standing."""

    after: Standing
    differences: list[Difference]


def find(db: DbSession, patient_id: str, lock: bool = False) -> Patient:
    """The patient with their whole record.

    Raises:
        GoneError: when there is none.
    """
    loaded = (
        selectinload(Patient.courses).selectinload(Course.sessions),
        selectinload(Patient.overrides),
        selectinload(Patient.consents),
    )
    if lock:
        db.execute(select(Patient.id).where(Patient.id == patient_id).with_for_update())
    query = select(Patient).where(Patient.id == patient_id).options(*loaded)
    patient = db.scalar(query.execution_options(populate_existing=True))
    if patient is None:
        raise GoneError
    return patient


def version(patient: Patient) -> str:
    """Changes with whatever of the record the forms show."""
    facts = [patient.name, patient.reference, patient.phone, patient.email, sorted(patient.risk_factors or ())]
    courses = [
        (c.number, c.goal, c.planned_sessions, [(s.number, s.starts_at, s.status, s.practitioner) for s in c.sessions])
        for c in patient.courses
    ]
    rules = [(o.id, o.ended_at is None) for o in patient.overrides]
    return hashlib.sha256(repr((facts, courses, rules)).encode()).hexdigest()[:16]


def preview(database: Database, patient_id: str, change: Change, seen: str, pack: Pack, now: datetime) -> Effect:
    """What ``change`` would make another for the patient; nothing of it is kept.

    Raises:
        GoneError: when the patient is not there.
        ChangedError: when the record is no longer the one that was ``seen``.
    """
    found: list[Effect] = []
    try:
        with database.begin() as db:
            wordings = current_wordings(db)
            patient = find(db, patient_id, lock=True)
            _require_seen(patient, seen)
            before = standing(patient, pack, wordings, now)
            change(db, patient)
            db.flush()
            db.expire_all()
            after = standing(find(db, patient_id), pack, wordings, now)
            found.append(Effect(after, differences(before, after, pack, now)))
            raise _TakenBackError
    except _TakenBackError:
        return found[0]
    except IntegrityError:
        raise ChangedError from None


def save(
    database: Database, patient_id: str, change: Change, seen: str, staff: Staff, action: str, now: datetime
) -> None:
    """Make the change.

    Raises:
        GoneError: when the patient is not there.
        ChangedError: when the record is no longer the one that was ``seen``.
    """
    try:
        with database.begin() as db:
            note(db, now, action, f"patient/{patient_id}", staff.id)
            patient = find(db, patient_id, lock=True)
            _require_seen(patient, seen)
            change(db, patient)
    except IntegrityError:
        # A colleague gave another patient the same reference, or the course the same session, at the same moment.
        raise ChangedError from None


def _require_seen(patient: Patient, seen: str) -> None:
    if version(patient) != seen:
        raise ChangedError
