"""One instruction in full: its wordings side by side, its healing days, and the words of patients it confused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.clarity import Count
from stipple.care.comparison import Comparison
from stipple.care.days import FIRST_DAYS, last_of_group
from stipple.console.alike import Reader, together
from stipple.console.clarity import Name, name_of, totals_of
from stipple.console.heat import HeatMap, heat_map
from stipple.console.inbox import Who, who
from stipple.console.links import start_before
from stipple.console.trends import Trend, trends
from stipple.console.words import CHANNELS
from stipple.content.pack import Pack
from stipple.records.clarity_compare import compare_versions
from stipple.records.clarity_models import EVERY_DAY, ClarityCount, ClaritySignal
from stipple.records.models import Conversation, Delivery, Instruction, Message, Wording
from stipple.records.wording_models import WordingProposal

SIGNALS = {
    "unclear": "Said they did not understand",
    "not_helpful": "Said the answer did not help",
    "asked_again": "Asked the same again",
    "person": "Asked for a person right after",
    "not_understood": "Then wrote what the assistant could not place",
}
MOST_WORDS = 60
MOST_VERSIONS = 4


@dataclass(frozen=True)
class Version:
    """One wording of an instruction; ``change`` compares it with the last one before that anybody was shown.

    That one's number is ``before``. ``proposer`` proposed the wording, ``restores`` is the version that it says again.
    """

    number: int
    current: bool
    published_at: datetime
    published_by: str
    proposer: str
    restores: int | None
    reason: str
    text: str
    why: str
    simpler: str
    count: Count
    before: int
    change: Comparison | None


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
    person: str


@dataclass(frozen=True)
class Alike:
    """Messages that say something alike, the most central one first, and how many patients wrote them."""

    words: list[Words]

    @property
    def patients(self) -> int:
        """Each counted once."""
        return len({w.person for w in self.words})


@dataclass(frozen=True)
class Chosen:
    """Whose words to show; an empty part leaves everything in. ``days`` is the first of a group of healing days."""

    version: int | None = None
    channel: str = ""
    days: int | None = None
    weeks: int | None = None

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return self != Chosen()


def read_chosen(query: Mapping[str, str]) -> Chosen:
    """What an address asks for; what makes no sense is left out."""
    version, days, weeks = (_number(query.get(name, "")) for name in ("version", "days", "weeks"))
    channel = query.get("channel", "")
    return Chosen(
        version=version,
        channel=channel if channel in CHANNELS else "",
        days=days if days in FIRST_DAYS else None,
        weeks=weeks if weeks in (4, 12) else None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


@dataclass(frozen=True)
class Detail:
    """Everything about one instruction, its newest wording first; ``older`` are those not shown side by side."""

    id: str
    name: Name
    retired: bool
    versions: list[Version]
    older: list[Version]
    proposals: list[WordingProposal]
    heat: HeatMap
    trend: Trend | None
    said: list[Alike]

    @property
    def words(self) -> int:
        """How many messages are shown."""
        return sum(len(group.words) for group in self.said)


def detail(
    db: DbSession, instruction_id: str, pack: Pack, reader: Reader, now: datetime, chosen: Chosen
) -> Detail | None:
    """One instruction, also a retired one, with the words of patients that fit ``chosen``; None when there is none."""
    instruction = db.get(Instruction, instruction_id)
    if instruction is None or not instruction.wordings:
        return None
    mine = (ClarityCount.instruction_id == instruction_id, ClarityCount.healing_day == EVERY_DAY)
    counts = totals_of(db.scalars(select(ClarityCount).where(*mine))).get(instruction_id, {})
    wordings = list(reversed(instruction.wordings))
    made = select(WordingProposal).where(WordingProposal.instruction_id == instruction_id)
    proposals = list(db.scalars(made.options(joinedload(WordingProposal.proposer)).order_by(WordingProposal.id)))
    proposers = {p.version: p.proposer.name for p in proposals if p.version is not None}
    versions = [_version(w, counts, proposers) for w in wordings]
    return Detail(
        id=instruction_id,
        name=name_of(instruction_id, pack),
        retired=instruction.retired_at is not None,
        versions=[_compared(db, instruction_id, v, counts) for v in versions[:MOST_VERSIONS]],
        older=versions[MOST_VERSIONS:],
        proposals=[p for p in proposals if p.decision is None],
        heat=heat_map(db, instruction, [v.number for v in versions[:MOST_VERSIONS]], pack),
        trend=trends(db, now, instruction_id).get(instruction_id),
        said=_alike(_words(db, instruction_id, now, chosen), reader),
    )


def _version(wording: Wording, counts: dict[int, Count], proposers: dict[int, str]) -> Version:
    return Version(
        number=wording.version,
        current=wording is wording.instruction.wordings[-1],
        published_at=wording.published_at,
        published_by=wording.published_by,
        proposer=proposers.get(wording.version, ""),
        restores=wording.restores,
        reason=wording.reason or "",
        text=wording.text,
        why=wording.why,
        simpler=wording.simpler,
        count=counts.get(wording.version, Count()),
        before=0,
        change=None,
    )


def _compared(db: DbSession, instruction_id: str, version: Version, counts: dict[int, Count]) -> Version:
    """``version`` beside the last one before it that anybody was shown, if there is one."""
    before = last_shown(counts, version.number)
    if before is None:
        return version
    return replace(version, before=before, change=compare_versions(db, instruction_id, version.number, before))


def last_shown(counts: dict[int, Count], version: int) -> int | None:
    """The last version before ``version`` that anybody was shown."""
    return max((n for n, count in counts.items() if n < version and count.shown), default=None)


def _alike(words: list[Words], reader: Reader) -> list[Alike]:
    return [Alike([words[n] for n in group]) for group in together([w.text for w in words], reader)]


def _fits(chosen: Chosen, now: datetime) -> Iterator[ColumnElement[bool]]:
    if chosen.version is not None:
        yield Delivery.wording_version == chosen.version
    if chosen.channel:
        yield Delivery.channel == chosen.channel
    if chosen.days is not None:
        yield Delivery.healing_day >= chosen.days
        last = last_of_group(chosen.days)
        if last is not None:
            yield Delivery.healing_day <= last
    if chosen.weeks is not None:
        yield Delivery.delivered_at >= now - timedelta(weeks=chosen.weeks)


def _words(db: DbSession, instruction_id: str, now: datetime, chosen: Chosen) -> list[Words]:
    """The latest messages that signalled confusion about the instruction."""
    mine = ClaritySignal.instruction_id == instruction_id
    fits = list(_fits(chosen, now))
    latest = select(ClaritySignal.message_id).where(mine).distinct().order_by(ClaritySignal.message_id.desc())
    if fits:
        latest = latest.join(Delivery, Delivery.id == ClaritySignal.delivery_id).where(*fits)
    query = (
        select(ClaritySignal, Message, Delivery, Conversation)
        .join(Message, Message.id == ClaritySignal.message_id)
        .join(Delivery, Delivery.id == ClaritySignal.delivery_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(mine, *fits, ClaritySignal.message_id.in_(db.scalars(latest.limit(MOST_WORDS)).all()))
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
        person=conversation.patient_id or conversation.id,
    )
