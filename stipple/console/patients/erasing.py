"""Erasing a patient: what stands in the way, what would go, and doing it in one transaction."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session as DbSession

from stipple.console import needs
from stipple.console.audit import note
from stipple.console.patients.changing import find
from stipple.console.patients.person import open_alerts_of
from stipple.console.words import LEVEL_NAMES, NEEDS
from stipple.records.database import Database
from stipple.records.engine_state import clear_engine, leave_for_engine
from stipple.records.holdings import HELD, Owner, count_rows, erase_rows
from stipple.records.models import Conversation, Patient, SignIn, SignInLink
from stipple.records.spool import Spool, SpoolError, from_browser, from_conversation
from stipple.records.staff_models import Upload

log = logging.getLogger(__name__)


class WrongReferenceError(Exception):
    """What was typed is not the patient's reference."""


class BlockedError(Exception):
    """A person must look after something of the patient's first; the message says what."""


@dataclass(frozen=True)
class Block:
    """One thing that stands in the way, and the conversation where it is put right."""

    text: str
    conversation_id: str


@dataclass(frozen=True)
class Elsewhere:
    """Where else than in the database a patient's words may lie: the engine's own database, and the spool."""

    engine_url: str
    spool: Spool


def owner_of(patient: Patient) -> Owner:
    """The patient as the list of holdings asks for them."""
    return Owner(patient.id, patient.reference)


def blocks(db: DbSession, patient_id: str, now: datetime) -> list[Block]:
    """Danger signs that are open, and inbox items that somebody looks after."""
    return list(_blocks(db, patient_id, now))


def _blocks(db: DbSession, patient_id: str, now: datetime) -> Iterator[Block]:
    for alert in open_alerts_of(db, patient_id):
        yield Block(f"A danger sign is open: {LEVEL_NAMES[alert.level]}. Close it first.", alert.conversation_id)
    for talk in db.scalars(select(Conversation.id).where(Conversation.patient_id == patient_id)):
        for kept in needs.looked_after(db, talk, now):
            yield Block(f"{kept.staff.name} looks after “{NEEDS[kept.kind]}”. It must be resolved first.", talk)


def what_goes(db: DbSession, patient: Patient) -> dict[str, int]:
    """How much of each kind would go; what there is none of is left out."""
    return {label: number for label, number in count_rows(db, owner_of(patient)).items() if number}


def is_reference(typed: str, patient: Patient) -> bool:
    """Whether the person typed the patient's reference, with whatever spaces around it."""
    return typed.strip() == patient.reference.strip()


def erase(
    database: Database, patient_id: str, typed: str, now: datetime, staff_id: int | None, elsewhere: Elsewhere
) -> bool:
    """Erase the patient; whether the engine has forgotten them too.

    What waits in a spool to be read in goes as well. Of one that is not reached, as on another machine, it is dropped
    when it is read in, because the conversation and the sign-in that it names are gone.

    Raises:
        GoneError: when there is no such patient any more.
        WrongReferenceError: when ``typed`` is not their reference.
        BlockedError: when something must be looked after first.
    """
    with database.begin() as db:
        note(db, now, "erased", f"patient/{patient_id}", staff_id, "" if staff_id else "command line")
        patient = _held_still(db, patient_id)
        if not is_reference(typed, patient):
            raise WrongReferenceError("that is not the patient's reference; nothing was erased")
        if found := blocks(db, patient_id, now):
            raise BlockedError(" ".join(block.text for block in found))
        talks = db.scalars(owner_of(patient).talks).all()
        browsers = db.scalars(select(SignIn.token_hash).where(SignIn.conversation_id.in_(talks))).all()
        leave_for_engine(db, talks, now)
        erase_rows(db, owner_of(patient))
    database.settle()
    _forget_waiting(elsewhere.spool, [*map(from_conversation, talks), *map(from_browser, browsers)])
    return clear_engine(database, elsewhere.engine_url, now)


def _forget_waiting(spool: Spool, senders: list[str]) -> None:
    try:
        spool.forget(senders)
    except SpoolError as error:
        log.error("messages that wait were not looked through for those of an erased patient: %s", error)


def _held_still(db: DbSession, patient_id: str) -> Patient:
    """The patient, with everything locked that somebody else could add to meanwhile.

    On SQLite the audit row has done that. On PostgreSQL it is done in the order in which others lock, so that nobody
    waits for each other: a recount, an import, a link that is opened, a message, and a change of the record.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("lock table message in row exclusive mode"))
    owner = owner_of(find(db, patient_id))
    talks = select(Conversation.id).where(Conversation.patient_id == patient_id).order_by(Conversation.id)
    files = next(held.whose(owner) for held in HELD if held.table is Upload)
    _lock(db, select(Upload.id).where(files).order_by(Upload.id))
    _lock(db, select(SignInLink.token_hash).where(SignInLink.patient_id == patient_id))
    _lock(db, talks)
    patient = find(db, patient_id, lock=True)
    # One that was begun before the patient was locked.
    _lock(db, talks)
    return patient


def _lock(db: DbSession, rows: Select[str]) -> None:
    db.execute(rows.with_for_update()).all()
