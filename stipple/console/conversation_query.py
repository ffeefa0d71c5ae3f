"""From filters to conditions on conversations."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session as DbSession

from stipple.console.addresses import start_of
from stipple.console.filters import ANY_LEVEL, Filters
from stipple.console.needs import waiting
from stipple.records.clarity_models import ClaritySignal
from stipple.records.models import Alert, Conversation, Delivery, Instruction, Message, Patient
from stipple.records.review_models import MessageTag, Review
from stipple.records.search import counted, holds, holds_each

# Words that more messages hold than this are looked for in the latest messages only.
MOST_MATCHES = 20_000
# So many of the latest then: PostgreSQL reads the words of each of them anew.
LATEST = 4000
# Of so few conversations every message is searched, however common the words are.
FEW = 200


def conditions(filters: Filters, zone: ZoneInfo, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Everything but the words."""
    if filters["channel"]:
        yield Conversation.channel == filters["channel"]
    if filters["reference"]:
        matching = Patient.reference.icontains(filters["reference"], autoescape=True)
        yield Conversation.patient_id.in_(select(Patient.id).where(matching))
    if filters["level"]:
        raised = select(Alert.conversation_id)
        level = filters["level"]
        yield Conversation.id.in_(raised if level == ANY_LEVEL else raised.where(Alert.level == level))
    if filters["reviewer"]:
        mine = Review.staff_id == int(filters["reviewer"])
        yield Conversation.id.in_(select(Review.conversation_id).where(mine))
    if filters["tag"]:
        tagged = select(Message.conversation_id).join(MessageTag, MessageTag.message_id == Message.id)
        yield Conversation.id.in_(tagged.where(MessageTag.tag == filters["tag"]))
    yield from _dates(filters, zone)
    yield from _shown(filters)
    if filters["state"]:
        yield _state(filters["state"], now)


def _dates(filters: Filters, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
    first, last = filters.date("from"), filters.date("to")
    if first:
        yield Conversation.last_at >= start_of(first, zone)
    if last and last < date.max:
        yield Conversation.last_at < start_of(last + timedelta(days=1), zone)


def _shown(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """What one and the same delivery must fit, with the signal that it was not understood."""
    fits: list[ColumnElement[bool]] = []
    if filters["topic"]:
        subject, _, topic = filters["topic"].partition("/")
        about = (Instruction.subject == subject, Instruction.topic == topic)
        fits.append(Delivery.instruction_id.in_(select(Instruction.id).where(*about)))
    if filters["instruction"]:
        fits.append(Delivery.instruction_id == filters["instruction"])
    if filters["version"]:
        fits.append(Delivery.wording_version == filters.number("version"))
    if filters["day"]:
        fits.append(Delivery.healing_day == filters.number("day"))
    if filters["signal"]:
        signalled = select(ClaritySignal.delivery_id).where(ClaritySignal.kind == filters["signal"])
        fits.append(Delivery.id.in_(signalled))
    if fits:
        yield Conversation.id.in_(select(Delivery.conversation_id).where(*fits))


def _state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == "danger":
        return Conversation.id.in_(select(Alert.conversation_id).where(Alert.closed_at.is_(None)))
    if state == "waiting":
        return Conversation.id.in_(select(Message.conversation_id).where(*waiting(now)))
    reviewed = Conversation.id.in_(select(Review.conversation_id))
    if state == "second":
        return awaits_second()
    return reviewed if state == "reviewed" else ~reviewed


def awaits_second() -> ColumnElement[bool]:
    """Whether a conversation has one verdict of the two that it needs."""
    twice = select(Review.conversation_id).where(Review.position == 2)
    once = select(Review.conversation_id).where(Review.sampled, Review.position == 1)
    return Conversation.id.in_(once.where(Review.conversation_id.not_in(twice)))


def text_condition(db: DbSession, words: list[str], fitting: Select[str]) -> tuple[ColumnElement[bool], int | None]:
    """That one message holds every word; with how many of the latest messages were searched, None when all were.

    ``fitting`` are the conversations that fit everything else. Very common words would cost time with each of their
    messages, so only the latest are searched then, unless few conversations are left anyway.
    """
    talks = select(Message.conversation_id)
    if counted(db, words, MOST_MATCHES + 1) <= MOST_MATCHES:
        return Conversation.id.in_(talks.where(holds(db, words))), None
    few = db.scalars(fitting.limit(FEW + 1)).all()
    if len(few) <= FEW:
        return Conversation.id.in_(talks.where(Message.conversation_id.in_(few), holds_each(db, words))), None
    newest = db.scalar(select(func.max(Message.id))) or 0
    return Conversation.id.in_(talks.where(holds(db, words, newest - LATEST))), LATEST
