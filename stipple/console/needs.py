"""The sections of the inbox below the danger signs: read from what is stored with replies, so none can be forgotten.

People waiting for a person are found by their last reply; what the assistant did not understand, by each such reply;
instructions that were unclear or did not help, by conversation and instruction, until resolved or too old.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import aliased, joinedload

from stipple.care.healing import healing_today
from stipple.care.need import FALLBACK, MISSED, MISSES, PERSON, UNCLEAR
from stipple.console.clarity import name_of
from stipple.console.inbox import Who, who
from stipple.console.links import start_before
from stipple.console.paging import pages_of
from stipple.content.pack import Pack
from stipple.records.clarity_models import ClaritySignal
from stipple.records.models import Alert, Conversation, Course, Delivery, Message, Patient
from stipple.records.patients import to_record
from stipple.records.resolution_models import Keeping, Resolution
from stipple.records.staff_models import Handled

# Who has waited longer than this has been spoken to some other way, or never will be.
WAITING_DAYS = 7
# What nobody resolved within this time says little about today's instructions.
KEPT_DAYS = 30
GROUPED = ("unclear", "not_helpful")
SECTIONS = ("waiting", "unclear", "missed", "not_helpful")
REASONS = {
    PERSON: "Asked for a person",
    FALLBACK: "The assistant could not answer",
    UNCLEAR: "Did not understand the answer, more than once",
    MISSED: "Was not understood, more than once",
}
MINE, NOBODY = "mine", "nobody"
type AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Wanted:
    """Whose items to show: ``who`` is `MINE`, `NOBODY` or empty for everybody's; ``staff_id`` is whoever looks."""

    staff_id: int
    who: str = ""


@dataclass(frozen=True)
class Item:
    """One card. ``subject`` is the message that the item is found by, ``message_id`` the patient's words it shows.

    ``keeping`` is who looks after it. ``times`` counts the messages that say the same.
    """

    kind: str
    subject: int
    instruction_id: str
    conversation_id: str
    title: str
    text: str
    message_id: int
    start: int
    at: datetime
    day: int | None
    who: Who
    times: int
    keeping: Keeping | None

    @property
    def id(self) -> str:
        """Names the card in its page."""
        return f"{self.kind}-{self.subject}{'-' if self.instruction_id else ''}{self.instruction_id.replace('/', '_')}"

    @property
    def address(self) -> str:
        """Where the item's own pages begin."""
        return f"/staff/items/{self.kind}/{self.subject}"

    @property
    def query(self) -> str:
        """What the addresses of the item's own pages end in."""
        return f"?instruction={self.instruction_id}" if self.instruction_id else ""

    @property
    def kept_by(self) -> str:
        """Changes with whoever looks after the item."""
        return str(self.keeping.id) if self.keeping else ""

    @property
    def version(self) -> str:
        """Changes with whatever the card shows, except the passing of time."""
        return f"{self.subject}-{self.times}-{self.kept_by}"


@dataclass(frozen=True)
class Section:
    """Part of one kind's items, and how many there are; ``page`` counts from 1."""

    items: list[Item]
    total: int
    page: int = 1
    pages: int = 1


def read(db: DbSession, kind: str, pack: Pack, now: datetime, wanted: Wanted, size: int, page: int = 1) -> Section:
    """A page of the items of ``kind``: who waits longest first, of the others the newest."""
    # Named once and read twice, PostgreSQL finds the items first and sorts them after; asked for the newest few and
    # their number in one, it walks through all messages from the newest on.
    found = _narrowed(_found(kind, now), wanted).cte()
    total = select(func.count()).select_from(found).scalar_subquery()
    rows = db.execute(_ordered(select(found, total.label("total")), kind).limit(size).offset((page - 1) * size)).all()
    if not rows and page > 1:
        # Items were resolved since the address was made: the last page that is left.
        left = db.scalar(select(total)) or 0
        return read(db, kind, pack, now, wanted, size, pages_of(left, size))
    number = rows[0].total if rows else 0
    return Section(_items(db, kind, rows, pack), number, page, pages_of(number, size))


def find(db: DbSession, kind: str, subject: int, instruction_id: str, pack: Pack, now: datetime) -> Item | None:
    """The open item that ``subject`` belongs to now, which has a newer subject if the patient said it again."""
    message = db.get(Message, subject)
    if message is None or (kind in GROUPED) != bool(instruction_id):
        return None
    query = _found(kind, now, message.conversation_id)
    if kind in GROUPED:
        query = query.where(ClaritySignal.instruction_id == instruction_id)
    else:
        query = query.where(Message.id == subject)
    rows = db.execute(query).all()
    return next(iter(_items(db, kind, rows, pack)), None)


def looked_after(db: DbSession, conversation_id: str, now: datetime) -> list[Keeping]:
    """Who looks after the conversation's open items, danger signs left out."""
    rows = [row for kind in SECTIONS for row in db.execute(_found(kind, now, conversation_id))]
    kept = select(Keeping).where(Keeping.id.in_({row.kept for row in rows if row.kept}))
    return list(db.scalars(kept.order_by(Keeping.id).options(joinedload(Keeping.staff))))


def _found(kind: str, now: datetime, conversation_id: str | None = None) -> AnySelect:
    """Subject, instruction, times and newest keeping of every open item of the kind."""
    if kind in GROUPED:
        return _signalled(kind, now, conversation_id)
    conditions = waiting(now) if kind == "waiting" else _missed(now)
    mine = (Message.conversation_id == conversation_id,) if conversation_id else ()
    kept = select(func.max(Keeping.id)).where(Keeping.message_id == Message.id, Keeping.kind == kind).scalar_subquery()
    columns = (Message.id.label("subject"), null().label("instruction"), literal(1).label("times"), kept.label("kept"))
    return select(*columns, Message.sent_at.label("at")).where(*conditions, *mine)


def waiting(now: datetime) -> Iterable[ColumnElement[bool]]:
    """What a reply fits that left somebody waiting for a person."""
    later, before = aliased(Message), aliased(Message)
    said_before = (before.conversation_id == Message.conversation_id, before.sequence < Message.sequence)
    need_before = select(before.need).where(*said_before, before.author == "assistant")
    last = need_before.order_by(before.sequence.desc()).limit(1).scalar_subquery()
    yield Message.need.in_(REASONS)
    yield Message.sent_at >= now - timedelta(days=WAITING_DAYS)
    # The second miss in a row is where the assistant itself names a person.
    yield case((Message.need.in_(MISSES), last.in_(MISSES)), else_=True)
    overtaken = (later.conversation_id == Message.conversation_id, later.sequence > Message.sequence)
    yield ~select(later.id).where(*overtaken, later.author != "patient").exists()
    yield ~select(Handled.message_id).where(Handled.message_id == Message.id).exists()
    # Those with an open danger sign stand above already.
    danger = (Alert.conversation_id == Message.conversation_id, Alert.closed_at.is_(None))
    yield ~select(Alert.id).where(*danger).exists()


def _missed(now: datetime) -> Iterable[ColumnElement[bool]]:
    asked = aliased(Message)
    yield Message.need.in_(MISSES)
    yield Message.sent_at >= now - timedelta(days=KEPT_DAYS)
    # Where it is known which instruction was unclear, the item stands in that section.
    placed = (asked.conversation_id == Message.conversation_id, asked.sequence == Message.sequence - 1)
    signal = (ClaritySignal.message_id == asked.id, ClaritySignal.kind == UNCLEAR)
    known = select(asked.id).join(ClaritySignal, and_(*signal)).where(*placed).limit(1).scalar_subquery()
    # Not "exists", for which PostgreSQL would read every message first.
    yield case((Message.need == UNCLEAR, known.is_(None)), else_=True)
    ended = (Resolution.reply_id == Message.id, Resolution.kind == "missed")
    yield ~select(Resolution.id).where(*ended).exists()


def _signalled(kind: str, now: datetime, conversation_id: str | None) -> AnySelect:
    mine = (Message.conversation_id == conversation_id,) if conversation_id else ()
    ended = select(Resolution.id).where(
        Resolution.conversation_id == Message.conversation_id,
        Resolution.instruction_id == ClaritySignal.instruction_id,
        Resolution.message_id >= ClaritySignal.message_id,
        Resolution.kind == kind,
    )
    keeping = (Keeping.message_id == ClaritySignal.message_id, Keeping.instruction_id == ClaritySignal.instruction_id)
    found: AnySelect = (
        select(
            func.max(ClaritySignal.message_id).label("subject"),
            ClaritySignal.instruction_id.label("instruction"),
            func.count(ClaritySignal.message_id.distinct()).label("times"),
            func.max(Keeping.id).label("kept"),
            func.max(Message.sent_at).label("at"),
        )
        .join(Message, Message.id == ClaritySignal.message_id)
        .outerjoin(Keeping, and_(*keeping, Keeping.kind == kind))
        .where(ClaritySignal.kind == kind, ClaritySignal.at >= now - timedelta(days=KEPT_DAYS), *mine, ~ended.exists())
        .group_by(Message.conversation_id, ClaritySignal.instruction_id)
    )
    return found


def _narrowed(query: AnySelect, wanted: Wanted) -> AnySelect:
    found = query.subquery()
    narrowed = select(found)
    if wanted.who == MINE:
        return narrowed.join(Keeping, Keeping.id == found.c.kept).where(Keeping.staff_id == wanted.staff_id)
    return narrowed.where(found.c.kept.is_(None)) if wanted.who == NOBODY else narrowed


def _ordered(query: AnySelect, kind: str) -> AnySelect:
    columns = query.selected_columns
    order = (columns.at, columns.subject) if kind == "waiting" else (columns.at.desc(), columns.subject.desc())
    return query.order_by(*order, columns.instruction)


def _items(db: DbSession, kind: str, rows: Sequence[Any], pack: Pack) -> list[Item]:
    """The rows as cards, with a few queries however many there are."""
    messages = {m.id: m for m in db.scalars(select(Message).where(Message.id.in_({r.subject for r in rows})))}
    talks = _conversations(db, {m.conversation_id for m in messages.values()})
    options = (joinedload(Keeping.staff), joinedload(Keeping.by))
    kept = {
        k.id: k for k in db.scalars(select(Keeping).where(Keeping.id.in_({r.kept for r in rows})).options(*options))
    }
    asked = messages if kind in GROUPED else _asked(db, list(messages.values()))
    days = _days(db, rows) if kind in GROUPED else {}
    found = []
    for row in rows:
        subject = messages[row.subject]
        said, talk = asked.get(row.subject, subject), talks[subject.conversation_id]
        known = days.get((row.subject, row.instruction)) if kind in GROUPED else _day(talk, subject.sent_at, pack)
        found.append(
            Item(
                kind=kind,
                subject=row.subject,
                instruction_id=row.instruction or "",
                conversation_id=subject.conversation_id,
                title=_title(kind, subject, row.instruction, pack),
                text=said.text if said.author == "patient" else "",
                message_id=said.id,
                start=start_before(said.sequence),
                at=subject.sent_at,
                day=known,
                who=who(talk),
                times=row.times,
                keeping=kept.get(row.kept),
            )
        )
    return found


def _title(kind: str, subject: Message, instruction: str | None, pack: Pack) -> str:
    if kind == "waiting":
        return REASONS[subject.need or PERSON]
    if instruction:
        return str(name_of(instruction, pack))
    return "Did not understand the assistant" if subject.need == UNCLEAR else "The assistant did not understand"


def _conversations(db: DbSession, ids: Iterable[str]) -> dict[str, Conversation]:
    patient = joinedload(Conversation.patient)
    options = (
        patient.selectinload(Patient.courses).selectinload(Course.sessions),
        patient.selectinload(Patient.overrides),
    )
    found = select(Conversation).where(Conversation.id.in_(set(ids))).options(patient, *options)
    return {c.id: c for c in db.scalars(found)}


def _asked(db: DbSession, replies: list[Message]) -> dict[int, Message]:
    """The patient's last message before each reply."""
    asked, reply = aliased(Message), aliased(Message)
    earlier = (
        asked.conversation_id == reply.conversation_id,
        asked.sequence < reply.sequence,
        asked.author == "patient",
    )
    last = select(reply.id, func.max(asked.sequence).label("place")).join(asked, and_(*earlier))
    places = last.where(reply.id.in_([r.id for r in replies])).group_by(reply.id).subquery()
    found = (
        select(places.c.id, asked)
        .join(reply, reply.id == places.c.id)
        .join(asked, and_(asked.conversation_id == reply.conversation_id, asked.sequence == places.c.place))
    )
    return {number: message for number, message in db.execute(found)}  # noqa: C416


def _days(db: DbSession, rows: Sequence[Any]) -> dict[tuple[int, str], int | None]:
    """The healing day that each instruction was shown for."""
    signals = select(ClaritySignal.message_id, ClaritySignal.instruction_id, Delivery.healing_day).join(
        Delivery, Delivery.id == ClaritySignal.delivery_id
    )
    found = signals.where(ClaritySignal.message_id.in_({r.subject for r in rows})).order_by(Delivery.id)
    return {(message, instruction): day for message, instruction, day in db.execute(found)}


def _day(talk: Conversation, at: datetime, pack: Pack) -> int | None:
    """The healing day of a message by the patient's record."""
    if talk.patient is None:
        return None
    record = to_record(talk.patient, pack.profile.zone)
    standing = healing_today(record, at)
    return standing.day if standing else None
