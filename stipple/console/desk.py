"""Looking after patients in danger: taking a danger sign, asking a colleague to take it, and closing it.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the alert's row is
locked. So what a person decided on is still so when it is saved.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.console.audit import note
from stipple.console.colleagues import find_colleague
from stipple.console.inbox import kept_by, seen
from stipple.records import alerts
from stipple.records.models import Alert, Message
from stipple.records.resolution_models import CODES, Resolution
from stipple.records.staff_models import Handled, Staff

LEAST_NOTE, MOST_NOTE = 5, 2000


class GoneError(Exception):
    """A colleague has closed the alert, or resolved the item."""


class TakenBeforeError(Exception):
    """A colleague took it since the page was shown."""


class ChangedError(Exception):
    """The alert has become more urgent, or shows more signs, since the page was shown."""


class NoteError(Exception):
    """The note on what was done cannot be saved; the message says why."""


class CodeError(Exception):
    """No answer was chosen to what was the matter."""


def check_code(code: str) -> None:
    """Check what was chosen.

    Raises:
        CodeError: when it is none of the codes.
    """
    if code not in CODES:
        raise CodeError("Please choose what was the matter.")


def check_note(text: str, least: int = 0) -> str:
    """The note as it is saved.

    Raises:
        NoteError: when it is shorter than ``least`` or too long.
    """
    if len(text.strip()) < least:
        raise NoteError("Please write in a few words what was done, for instance: called her, she is seeing her GP.")
    if len(text) > MOST_NOTE:
        raise NoteError(f"Please write at most {MOST_NOTE} characters; these are {len(text)}.")
    return text.strip()


def take(db: DbSession, number: int, staff: Staff, taken_before: str, now: datetime) -> Alert:
    """``staff`` looks after the patient from now on; ``taken_before`` says who did by the page they saw.

    Raises:
        GoneError: when the alert is closed or was never there.
        TakenBeforeError: when somebody else took it meanwhile.
    """
    note(db, now, "took", f"alert/{number}", staff.id)
    alert = _unchanged(db, number, taken_before)
    alerts.take(alert, staff.name, now, staff.id)
    return alert


def assign(db: DbSession, number: int, staff: Staff, to: str, taken_before: str, now: datetime) -> Alert:
    """Ask a colleague to look after the patient; ``to`` is the number of their account.

    Raises:
        ColleagueError: when there is no such colleague, or they may not look after patients.
        GoneError: when the alert is closed or was never there.
        TakenBeforeError: when somebody else took it meanwhile.
    """
    colleague = find_colleague(db, to, "danger")
    note(db, now, "assigned", f"alert/{number}", staff.id, f"to staff/{colleague.id}")
    alert = _unchanged(db, number, taken_before)
    if colleague.id == staff.id:
        alerts.take(alert, staff.name, now, staff.id)
    else:
        alerts.assign(alert, colleague.name, colleague.id)
    return alert


def close(db: DbSession, number: int, staff: Staff, outcome: str, seen_before: str, now: datetime, code: str) -> Alert:
    """The patient is looked after; ``outcome`` says how, ``code`` what was the matter.

    ``seen_before`` is what the page showed of the alert.

    Raises:
        GoneError: when the alert is closed or was never there.
        ChangedError: when it is more urgent or wider now, so that it must be read again.
        CodeError: when ``code`` is none.
        NoteError: when the note is too short or too long.
    """
    note(db, now, "closed", f"alert/{number}", staff.id, code if code in CODES else "")
    alert = _open(db, number)
    if seen(alert) != seen_before:
        raise ChangedError
    check_code(code)
    words = check_note(outcome, LEAST_NOTE)
    alerts.close(alert, staff.name, words, now, staff.id)
    facts = {"conversation_id": alert.conversation_id, "message_id": alert.message_id, "alert_id": alert.id}
    db.add(Resolution(kind="danger", code=code, note=words, staff_id=staff.id, at=now, **facts))
    return alert


def _unchanged(db: DbSession, number: int, taken_before: str) -> Alert:
    alert = _open(db, number)
    if kept_by(alert) != taken_before:
        raise TakenBeforeError
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
