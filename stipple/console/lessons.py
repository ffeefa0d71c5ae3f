"""A lesson's way to the files: what is proposed is checked, and a second person accepts or rejects it.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the lesson is locked.
The table itself refuses the same words twice. So what a person decided on is still so when it is saved.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.console.accounts import still_may
from stipple.console.audit import note
from stipple.console.rewording import RefusedError, UnknownError, checked_reason
from stipple.content.known import Finding, Known
from stipple.content.pack import Pack
from stipple.content.training import plain
from stipple.evaluation.cases import CaseRecord
from stipple.evaluation.expecting import expected
from stipple.phrases import Phrase
from stipple.records.lesson_models import ACCEPTED, CASE, NOTHING, PHRASE, REJECTED, WITHDRAWN, Lesson
from stipple.records.staff_models import Staff

HERE = "console"
MAY_ACCEPT = "practitioner"
BLANKS = str.maketrans(dict.fromkeys("[]{}<>|\\", " "))


@dataclass(frozen=True)
class Origin:
    """Where a lesson comes from: a patient's message, or the instruction whose wording was changed."""

    message_id: int | None = None
    instruction_id: str | None = None

    def __str__(self) -> str:
        return f"message/{self.message_id}" if self.message_id else f"wording/{self.instruction_id}"[:80]


@dataclass(frozen=True)
class Offer:
    """What somebody wants saved: phrase, case, or both, empty for none; ``day`` is the healing day asked about."""

    label: str
    phrase: str
    case: str
    day: int | None


def tidy_message(text: str) -> str:
    """``text`` on one line, without the signs that mean something to the files that hold it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text.translate(BLANKS)).split()).lstrip("-/# ")


def mark_of(text: str) -> str:
    """The same for texts that differ by case, punctuation and spacing only."""
    return hashlib.sha256(plain(text).encode()).hexdigest()


def proposed(db: DbSession, but: Container[int] = ()) -> Known:
    """What was proposed here and not turned down, without the lessons ``but``."""
    still = select(Lesson).where(Lesson.decision.is_(None) | (Lesson.decision == ACCEPTED), Lesson.kind != NOTHING)
    rows = [lesson for lesson in db.scalars(still) if lesson.id not in but]
    phrases = [Phrase(lesson.label, lesson.text, HERE) for lesson in rows if lesson.kind == PHRASE]
    return Known(phrases, (plain(lesson.text) for lesson in rows if lesson.kind == CASE))


def findings(kind: str, text: str, label: str, knowns: Iterable[Known]) -> list[Finding]:
    """What stands in the way of the words, in the files or among what was proposed."""
    found = (k.about_phrase(text, label) if kind == PHRASE else k.about_case(text) for k in knowns)
    return list(dict.fromkeys(f for some in found for f in some))


def propose(
    db: DbSession, origin: Origin, offer: Offer, record: CaseRecord | None, staff: Staff, pack: Pack, now: datetime
) -> list[Lesson]:
    """Save the phrase and the case for a second person; the same pressed twice is the same lesson.

    The words were checked by `stipple.console.teaching`.

    Raises:
        RefusedError: when a colleague has proposed the same words meanwhile.
    """
    note(db, now, "lesson_proposed", str(origin), staff.id)
    made = []
    for kind, text in ((PHRASE, offer.phrase), (CASE, offer.case)):
        if not text:
            continue
        lesson = Lesson(kind=kind, label=offer.label, text=text, mark=mark_of(text), expect=[])
        lesson.message_id, lesson.instruction_id = origin.message_id, origin.instruction_id
        lesson.proposed_by, lesson.proposed_at = staff.id, now
        if kind == CASE:
            lesson.record = _as_days(record)
            lesson.expect = [expected(offer.label, record, offer.day, pack)]
        made.append(_saved(db, lesson))
    return made


def _as_days(record: CaseRecord | None) -> dict[str, Any] | None:
    return record.model_dump() if record else None


def _saved(db: DbSession, lesson: Lesson) -> Lesson:
    try:
        with db.begin_nested():
            db.add(lesson)
    except IntegrityError:
        same = Lesson.decision.is_(None) | (Lesson.decision == ACCEPTED)
        before = db.scalar(select(Lesson).where(Lesson.mark == lesson.mark, Lesson.kind != NOTHING, same))
        if before and (before.kind, before.label, before.message_id) == (lesson.kind, lesson.label, lesson.message_id):
            return before
        raise RefusedError("A colleague has just proposed the same words. Look at the list, then decide.") from None
    return lesson


def nothing(db: DbSession, message_id: int, staff: Staff, now: datetime) -> None:
    """There is nothing to learn from the message; it no longer waits."""
    note(db, now, "lesson_none", f"message/{message_id}", staff.id)
    if db.scalar(select(Lesson.id).where(Lesson.message_id == message_id, Lesson.kind == NOTHING)) is None:
        lesson = Lesson(kind=NOTHING, label="", text="", mark="", message_id=message_id, expect=[], reason="")
        lesson.proposed_by, lesson.proposed_at = staff.id, now
        db.add(lesson)


def accept(db: DbSession, number: int, staff: Staff, files: Known, pack: Pack, now: datetime) -> Lesson:
    """The lesson goes into the files with the next export.

    Raises:
        UnknownError: when there is no such lesson.
        RefusedError: when it is decided, is the person's own, or other words stand in its way by now.
    """
    note(db, now, "lesson_accepted", f"lesson/{number}", staff.id)
    lesson = _open(db, number)
    _may_decide(db, staff)
    if lesson.proposed_by == staff.id:
        raise RefusedError("You proposed this yourself, so a colleague must accept it.")
    if any(f.stops for f in findings(lesson.kind, lesson.text, lesson.label, (files, proposed(db, [number])))):
        raise RefusedError("It cannot be used any more, because of what is known already. See below.")
    if lesson.kind == CASE and lesson.expect != [expected_now(lesson, pack)]:
        raise RefusedError("The clinic’s rules have changed since this was proposed. Turn it down and add it anew.")
    _decide(lesson, ACCEPTED, staff, now)
    return lesson


def expected_now(lesson: Lesson, pack: Pack) -> Mapping[str, Any]:
    """What the rules of today ask of a case."""
    record = CaseRecord.model_validate(lesson.record) if lesson.record else None
    return expected(lesson.label, record, lesson.expect[0].get("asked_day"), pack)


def reject(db: DbSession, number: int, staff: Staff, reason: str, now: datetime) -> Lesson:
    """Turn the lesson down, with the reason.

    Raises:
        UnknownError: when there is no such lesson.
        RefusedError: when it is decided, is the person's own, or the reason cannot be saved.
    """
    note(db, now, "lesson_rejected", f"lesson/{number}", staff.id)
    lesson = _open(db, number)
    _may_decide(db, staff)
    if lesson.proposed_by == staff.id:
        raise RefusedError("This is your own proposal. You can take it back.")
    _decide(lesson, REJECTED, staff, now, checked_reason(reason))
    return lesson


def withdraw(db: DbSession, number: int, staff: Staff, now: datetime) -> Lesson:
    """Take back an own proposal.

    Raises:
        UnknownError: when there is no such lesson.
        RefusedError: when it is decided or somebody else's.
    """
    note(db, now, "lesson_withdrawn", f"lesson/{number}", staff.id)
    lesson = _open(db, number)
    if lesson.proposed_by != staff.id:
        raise RefusedError("Only the person who proposed this can take it back.")
    _decide(lesson, WITHDRAWN, staff, now)
    return lesson


def _open(db: DbSession, number: int) -> Lesson:
    query = select(Lesson).where(Lesson.id == number, Lesson.kind != NOTHING).with_for_update(key_share=True)
    lesson = db.scalar(query.execution_options(populate_existing=True))
    if lesson is None:
        raise UnknownError
    if lesson.decision is not None:
        by = lesson.decider.name if lesson.decider else "Somebody"
        raise RefusedError(f"{by} has decided about this already. Nothing was changed.")
    return lesson


def _may_decide(db: DbSession, staff: Staff) -> None:
    if not still_may(db, staff, MAY_ACCEPT):
        raise RefusedError("Your account may not decide about this any more.")


def _decide(lesson: Lesson, decision: str, staff: Staff, now: datetime, reason: str = "") -> None:
    lesson.decision, lesson.decided_by, lesson.decided_at = decision, staff.id, now
    lesson.reason = reason
