"""Looking after patients: taking a danger sign, closing it, and marking who waited as spoken to.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the alert's row is
locked. So what a person decided on is still so when it is saved.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.console.audit import note
from stipple.console.inbox import seen
from stipple.records import alerts
from stipple.records.models import Alert, Message
from stipple.records.staff_models import Handled, Staff

LEAST_NOTE, MOST_NOTE = 5, 2000


class GoneError(Exception):
    """A colleague has closed the alert."""


class TakenBeforeError(Exception):
    """A colleague took the alert since the page was shown."""


class ChangedError(Exception):
    """The alert has become more urgent, or shows more signs, since the page was shown."""


class NoteError(Exception):
    """The note on what was done cannot be saved; the message says why."""


def take(db: DbSession, number: int, staff: Staff, taken_before: str, now: datetime) -> Alert:
    """``staff`` looks after the patient from now on; ``taken_before`` is who did by the page they saw.

    Raises:
        GoneError: when the alert is closed or was never there.
        TakenBeforeError: when somebody else took it meanwhile.
    """
    note(db, now, "took", f"alert/{number}", staff.id)
    alert = _open(db, number)
    if (alert.taken_by or "") != taken_before:
        raise TakenBeforeError
    alerts.take(alert, staff.name, now)
    return alert


def close(db: DbSession, number: int, staff: Staff, outcome: str, seen_before: str, now: datetime) -> Alert:
    """The patient is looked after; ``outcome`` says how, ``seen_before`` what the page showed of the alert.

    Raises:
        GoneError: when the alert is closed or was never there.
        ChangedError: when it is more urgent or wider now, so that it must be read again.
        NoteError: when the note is too short or too long.
    """
    note(db, now, "closed", f"alert/{number}", staff.id)
    alert = _open(db, number)
    if seen(alert) != seen_before:
        raise ChangedError
    if len(outcome.strip()) < LEAST_NOTE:
        raise NoteError("Please write in a few words what was done, for instance: called her, she is seeing her GP.")
    if len(outcome) > MOST_NOTE:
        raise NoteError(f"Please write at most {MOST_NOTE} characters; these are {len(outcome)}.")
    alerts.close(alert, staff.name, outcome.strip(), now)
    return alert


def _open(db: DbSession, number: int) -> Alert:
    alert = db.scalar(select(Alert).where(Alert.id == number, Alert.closed_at.is_(None)).with_for_update())
    if alert is None:
        raise GoneError
    return alert


def mark_done(db: DbSession, reply_id: int, staff: Staff, now: datetime) -> bool:
    """Somebody has spoken to the person whom this reply left waiting; False when there is no such reply."""
    reply = db.get(Message, reply_id)
    if reply is None or reply.author != "assistant":
        return False
    note(db, now, "looked_after", f"conversation/{reply.conversation_id}", staff.id)
    # A colleague may press the same button at the same moment; once is enough.
    with suppress(IntegrityError), db.begin_nested():
        db.add(Handled(message_id=reply_id, staff_id=staff.id, at=now))
    return True
