"""Giving a conversation a verdict, twice for some, and settling where two people disagree.

Whoever may still give the second verdict does not see the first.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.review import VERDICTS, needs_second
from stipple.console.audit import note
from stipple.records.models import Message
from stipple.records.review_models import Decision, Review
from stipple.records.staff_models import Staff

LONGEST_NOTE = 2000


class ReviewError(Exception):
    """A verdict that cannot be saved; the message says why."""


@dataclass(frozen=True)
class Standing:
    """How far a conversation is reviewed, as one person sees it.

    ``reviews`` are the verdicts that they may see, ``mine`` is theirs, ``blind`` says that one is hidden from them.
    ``seen`` changes with whatever a colleague does, ``since`` counts messages after the last verdict.
    """

    reviews: list[Review]
    mine: Review | None
    blind: bool
    may_review: bool
    sampled: bool
    differ: bool
    decision: Decision | None
    since: int

    @property
    def seen(self) -> str:
        """What the person decides on."""
        return self.decision.verdict if self.decision else ""


def standing(db: DbSession, conversation_id: str, staff: Staff) -> Standing:
    """The conversation's verdicts, without what ``staff`` must not see yet."""
    found = _reviews(db, conversation_id)
    mine = next((r for r in found if r.staff_id == staff.id), None)
    sampled = found[0].sampled if found else False
    open_second = sampled and len(found) == 1
    blind = open_second and mine is None
    last = max((r.upto for r in found), default=0)
    later = (Message.conversation_id == conversation_id, Message.sequence > last)
    return Standing(
        reviews=[] if blind else found,
        mine=mine,
        blind=blind,
        may_review=not found or blind or (len(found) == 1 and mine is not None),
        sampled=sampled,
        differ=len(found) == 2 and found[0].verdict != found[1].verdict,
        decision=db.get(Decision, conversation_id, options=[joinedload(Decision.staff)]),
        since=(db.scalar(select(func.count(Message.id)).where(*later)) or 0) if found else 0,
    )


def _reviews(db: DbSession, conversation_id: str) -> list[Review]:
    found = select(Review).where(Review.conversation_id == conversation_id).order_by(Review.position)
    return list(db.scalars(found.options(joinedload(Review.staff))))


def give(db: DbSession, conversation_id: str, staff: Staff, verdict: str, words: str, upto: int, now: datetime) -> None:
    """Save the verdict of ``staff``: the first, the second where one is needed, or their first one changed.

    Raises:
        ReviewError: when no verdict is chosen, the note is too long, or colleagues have given every verdict needed.
    """
    note(db, now, "reviewed", f"conversation/{conversation_id}", staff.id)
    if verdict not in VERDICTS:
        raise ReviewError("Please choose what you think of the answers.")
    if len(words.strip()) > LONGEST_NOTE:
        raise ReviewError(f"Please write at most {LONGEST_NOTE} characters; these are {len(words.strip())}.")
    # On PostgreSQL this keeps a change of the first verdict and the second verdict from passing each other.
    locked = select(Review).where(Review.conversation_id == conversation_id).order_by(Review.position)
    found = list(db.scalars(locked.with_for_update()))
    if len(found) == 1 and found[0].staff_id == staff.id:
        found[0].verdict, found[0].note, found[0].upto, found[0].at = verdict, words.strip(), upto, now
        return
    if len(found) == 2 or (found and not found[0].sampled):
        raise ReviewError("A colleague has reviewed this conversation meanwhile, so your verdict was not saved.")
    row = Review(conversation_id=conversation_id, position=len(found) + 1, staff_id=staff.id, verdict=verdict)
    row.note, row.upto, row.at, row.sampled = words.strip(), upto, now, needs_second(conversation_id)
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise ReviewError("A colleague was a moment quicker. Send it again, it may still count.") from None


def decide(db: DbSession, conversation_id: str, staff: Staff, verdict: str, seen: str, now: datetime) -> None:
    """Say which verdict counts where two differ; ``seen`` is what counted by the page.

    Raises:
        ReviewError: when no verdict is chosen, nothing is to be settled, or a colleague settled it meanwhile.
    """
    note(db, now, "verdict_settled", f"conversation/{conversation_id}", staff.id)
    if verdict not in VERDICTS:
        raise ReviewError("Please choose the verdict that counts.")
    if len({r.verdict for r in _reviews(db, conversation_id)}) != 2:
        raise ReviewError("There is no disagreement about this conversation.")
    before = db.scalar(select(Decision).where(Decision.conversation_id == conversation_id).with_for_update())
    if (before.verdict if before else "") != seen:
        raise ReviewError("A colleague has settled this meanwhile. Look at their choice first.")
    if before:
        before.verdict, before.staff_id, before.at = verdict, staff.id, now
        return
    try:
        with db.begin_nested():
            db.add(Decision(conversation_id=conversation_id, staff_id=staff.id, verdict=verdict, at=now))
    except IntegrityError:
        raise ReviewError("A colleague has settled this meanwhile. Look at their choice first.") from None
