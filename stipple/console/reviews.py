"""The page of reviews: how far people agree, where they do not, safety concerns, and what to read next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import aliased, joinedload

from stipple.care.agreement import Agreement, agreement
from stipple.care.confusion import EXPLICIT
from stipple.care.review import UNSURE, Worth
from stipple.console.conversation_query import awaits_second
from stipple.console.inbox import Who, who
from stipple.records.clarity_models import ClaritySignal
from stipple.records.models import Alert, Conversation, Delivery, Message
from stipple.records.review_models import Decision, Review
from stipple.records.staff_models import Audit, Staff

MOST_SHOWN = 20
# So many of the latest conversations are weighed for what to read next.
MOST_WEIGHED = 200
# Whatever a colleague was given to read this long ago is theirs.
READING = timedelta(minutes=15)
GIVEN = "review_next"


@dataclass(frozen=True)
class Pair:
    """Two verdicts on one conversation, and which counts where they differ."""

    conversation_id: str
    who: Who
    first: Review
    second: Review
    decision: Decision | None


@dataclass(frozen=True)
class Next:
    """The conversation to read next, and why."""

    conversation_id: str
    who: Who
    why: str


@dataclass(frozen=True)
class Overview:
    """Everything on the page of reviews."""

    reviewed: int
    second: int
    agreement: Agreement
    differing: list[Pair]
    concerns: list[tuple[Review, Who]]
    next: Next | None


def overview(db: DbSession, staff: Staff, now: datetime) -> Overview:
    """The page as ``staff`` sees it."""
    first, second = aliased(Review), aliased(Review)
    both = first.conversation_id == second.conversation_id, first.position == 1, second.position == 2
    pairs = db.execute(select(first.verdict, second.verdict).join(second, both[0]).where(*both[1:])).all()
    return Overview(
        reviewed=db.scalar(select(func.count()).select_from(Review).where(Review.position == 1)) or 0,
        second=db.scalar(select(func.count()).select_from(Conversation).where(awaits_second())) or 0,
        agreement=agreement([(one, two) for one, two in pairs]),
        differing=_differing(db),
        concerns=_concerns(db, staff),
        next=next_to_read(db, staff, now),
    )


def _differing(db: DbSession) -> list[Pair]:
    """What nobody has settled yet first, then the latest."""
    first, second = aliased(Review), aliased(Review)
    query = (
        select(first, second, Conversation, Decision)
        .join(second, (first.conversation_id == second.conversation_id) & (second.position == 2))
        .join(Conversation, Conversation.id == first.conversation_id)
        .outerjoin(Decision, Decision.conversation_id == Conversation.id)
        .where(first.position == 1, first.verdict != second.verdict)
        .options(joinedload(first.staff), joinedload(second.staff), joinedload(Conversation.patient))
        .order_by(Decision.at.is_not(None), second.at.desc())
        .limit(MOST_SHOWN)
    )
    return [Pair(talk.id, who(talk), one, two, settled) for one, two, talk, settled in db.execute(query)]


def _concerns(db: DbSession, staff: Staff) -> list[tuple[Review, Who]]:
    """The latest safety concerns, but for those of which ``staff`` may give the second verdict."""
    mine = Review.conversation_id.in_(select(Review.conversation_id).where(Review.staff_id == staff.id))
    query = (
        select(Review, Conversation)
        .join(Conversation, Conversation.id == Review.conversation_id)
        .where(Review.verdict == "safety", mine | ~awaits_second())
        .options(joinedload(Review.staff), joinedload(Conversation.patient))
        .order_by(Review.at.desc())
        .limit(MOST_SHOWN)
    )
    return [(review, who(talk)) for review, talk in db.execute(query)]


def next_to_read(db: DbSession, staff: Staff, now: datetime) -> Next | None:
    """What awaits a second verdict by somebody else first, then whatever is most worth reading."""
    free = ~Conversation.id.in_(_being_read(db, staff, now))
    mine = Conversation.id.in_(select(Review.conversation_id).where(Review.staff_id == staff.id))
    second = db.scalar(_latest().where(awaits_second(), ~mine, free).limit(1))
    if second:
        return Next(second.id, who(second), "needs a second opinion")
    unread = ~Conversation.id.in_(select(Review.conversation_id))
    # Asked for one conversation after the other, from the latest on: a few hundred are soon found.
    signalled = select(Delivery.id).join(ClaritySignal, ClaritySignal.delivery_id == Delivery.id)
    telling = signalled.where(Delivery.conversation_id == Conversation.id).exists() | Conversation.id.in_(
        select(Alert.conversation_id)
    )
    found: dict[str, Conversation] = {}
    for condition in ((telling,), ()):
        query = _latest().where(unread, free, *condition).limit(MOST_WEIGHED)
        found |= {talk.id: talk for talk in db.scalars(query)}
    worth = _worth(db, list(found))
    # Of equals the latest, which stands first.
    best = max(found.values(), key=lambda talk: worth[talk.id].points, default=None)
    return Next(best.id, who(best), worth[best.id].words) if best else None


def _latest() -> Select[Conversation]:
    spoken = select(Conversation).where(Conversation.last_at.is_not(None)).options(joinedload(Conversation.patient))
    return spoken.order_by(Conversation.last_at.desc(), Conversation.id.desc())


def _being_read(db: DbSession, staff: Staff, now: datetime) -> list[str]:
    """Conversations that colleagues were given to read a moment ago."""
    given = (Audit.at > now - READING, Audit.action == GIVEN, Audit.staff_id != staff.id)
    return [subject.partition("/")[2] for subject in db.scalars(select(Audit.subject).where(*given))]


def _worth(db: DbSession, ids: list[str]) -> dict[str, Worth]:
    raised = select(Alert.conversation_id, func.count()).where(Alert.conversation_id.in_(ids))
    dangers = {row[0]: row[1] for row in db.execute(raised.group_by(Alert.conversation_id))}
    signals = {explicit: _signals(db, ids, ClaritySignal.kind.in_(EXPLICIT) == explicit) for explicit in (True, False)}
    unsure = dict.fromkeys(ids, 0)
    replies = select(Message.conversation_id, Message.trace)
    for talk, trace in db.execute(replies.where(Message.conversation_id.in_(ids), Message.author == "assistant")):
        unsure[talk] += any((item.get("confidence") or 1.0) < UNSURE for item in trace)
    return {
        talk: Worth(dangers.get(talk, 0), signals[True].get(talk, 0), signals[False].get(talk, 0), unsure[talk])
        for talk in ids
    }


def _signals(db: DbSession, ids: list[str], kind: ColumnElement[bool]) -> dict[str, int]:
    """By conversation, how many messages of the patient's hint at confusion."""
    query = (
        select(Delivery.conversation_id, func.count(ClaritySignal.message_id.distinct()))
        .join(ClaritySignal, ClaritySignal.delivery_id == Delivery.id)
        .where(Delivery.conversation_id.in_(ids), kind)
        .group_by(Delivery.conversation_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}
