"""One instruction in full: its wordings side by side, its healing days, and the words of patients it confused."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.clarity import Count, compare
from stipple.console.clarity import Name, name_of, totals_of
from stipple.console.heat import HeatMap, heat_map
from stipple.console.inbox import Who, who
from stipple.console.links import start_before
from stipple.content.pack import Pack
from stipple.records.clarity_models import EVERY_DAY, ClarityCount, ClaritySignal
from stipple.records.models import Conversation, Delivery, Instruction, Message, Wording

SIGNALS = {
    "unclear": "Said they did not understand",
    "not_helpful": "Said the answer did not help",
    "asked_again": "Asked the same again",
    "person": "Asked for a person right after",
    "not_understood": "Then wrote what the assistant could not place",
}
MOST_WORDS = 30
MOST_VERSIONS = 4


@dataclass(frozen=True)
class Version:
    """One wording of an instruction; ``change`` says how it compares with the one before, empty for the first."""

    number: int
    current: bool
    published_at: datetime
    published_by: str
    text: str
    simpler: str
    count: Count
    change: str


@dataclass(frozen=True)
class Words:
    """A message of a patient's that signalled confusion; ``start`` is where its conversation's page begins."""

    text: str
    sent_at: datetime
    signals: list[str]
    who: Who
    version: int
    day: int | None
    conversation_id: str
    message_id: int
    start: int


@dataclass(frozen=True)
class Detail:
    """Everything about one instruction, its newest wording first."""

    id: str
    name: Name
    retired: bool
    versions: list[Version]
    heat: HeatMap
    words: list[Words]


def detail(db: DbSession, instruction_id: str, pack: Pack) -> Detail | None:
    """One instruction, also a retired one; None when there is none."""
    instruction = db.get(Instruction, instruction_id)
    if instruction is None or not instruction.wordings:
        return None
    mine = (ClarityCount.instruction_id == instruction_id, ClarityCount.healing_day == EVERY_DAY)
    counts = totals_of(db.scalars(select(ClarityCount).where(*mine))).get(instruction_id, {})
    wordings = list(reversed(instruction.wordings))
    before = [*wordings[1:], None]
    versions = [_version(w, counts, b, w is wordings[0]) for w, b in zip(wordings, before, strict=True)]
    return Detail(
        id=instruction_id,
        name=name_of(instruction_id, pack),
        retired=instruction.retired_at is not None,
        versions=versions[:MOST_VERSIONS],
        heat=heat_map(db, instruction, [v.number for v in versions[:MOST_VERSIONS]], pack),
        words=_words(db, instruction_id),
    )


def _version(wording: Wording, counts: dict[int, Count], before: Wording | None, current: bool) -> Version:
    count = counts.get(wording.version, Count())
    return Version(
        number=wording.version,
        current=current,
        published_at=wording.published_at,
        published_by=wording.published_by,
        text=wording.text,
        simpler=wording.simpler,
        count=count,
        change=compare(count, counts.get(before.version, Count())) if before else "",
    )


def _words(db: DbSession, instruction_id: str) -> list[Words]:
    """The latest messages that signalled confusion about the instruction."""
    mine = ClaritySignal.instruction_id == instruction_id
    latest = select(ClaritySignal.message_id).where(mine).distinct().order_by(ClaritySignal.message_id.desc())
    query = (
        select(ClaritySignal, Message, Delivery, Conversation)
        .join(Message, Message.id == ClaritySignal.message_id)
        .join(Delivery, Delivery.id == ClaritySignal.delivery_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(mine, ClaritySignal.message_id.in_(db.scalars(latest.limit(MOST_WORDS)).all()))
        .options(joinedload(Conversation.patient))
        .order_by(Message.id.desc(), ClaritySignal.delivery_id, ClaritySignal.kind)
    )
    found: dict[int, Words] = {}
    for signal, message, delivery, conversation in db.execute(query):
        words = found.setdefault(message.id, _words_of(message, delivery, conversation))
        if SIGNALS[signal.kind] not in words.signals:
            words.signals.append(SIGNALS[signal.kind])
    return list(found.values())


def _words_of(message: Message, delivery: Delivery, conversation: Conversation) -> Words:
    return Words(
        text=message.text,
        sent_at=message.sent_at,
        signals=[],
        who=who(conversation),
        version=delivery.wording_version,
        day=delivery.healing_day,
        conversation_id=conversation.id,
        message_id=message.id,
        start=start_before(message.sequence),
    )
