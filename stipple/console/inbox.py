"""The inbox: patients with danger signs first, then those who wait for a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import aliased, joinedload

from stipple.console import words
from stipple.content.pack import Pack
from stipple.records.alerts import open_alerts
from stipple.records.models import Alert, Conversation, Message
from stipple.records.staff_models import Handled

# Who has waited longer than this has been spoken to some other way, or never will be.
WAITING_DAYS = 7
MOST_WAITING = 50
WAITING_FOR = ("person", "unclear", "did_you_mean")
REASONS = {
    "person": "Asked for a person",
    "fallback": "The assistant could not answer",
    "unclear": "Did not understand the answer, more than once",
    "misses": "Was not understood, more than once",
}


@dataclass(frozen=True)
class Who:
    """The patient of a card, without their name."""

    initials: str
    phone: str | None
    known: bool


@dataclass(frozen=True)
class Danger:
    """A danger sign that is not closed."""

    id: int
    level: str
    name: str
    told: str
    signs: list[str]
    text: str
    message_id: int
    conversation_id: str
    day: int | None
    raised_at: datetime
    who: Who
    taken_by: str
    taken_at: datetime | None
    seen: str

    @property
    def version(self) -> str:
        """Changes with whatever the card shows, except the passing of time."""
        return f"{self.seen}-{hashlib.sha256(self.taken_by.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Waiting:
    """A conversation whose patient was left with the advice to speak to a person."""

    conversation_id: str
    reply_id: int
    reason: str
    text: str
    message_id: int
    since: datetime
    who: Who


def dangers(db: DbSession, pack: Pack) -> list[Danger]:
    """Every open alert, as `stipple.records.alerts` orders them."""
    return [danger_of(alert, pack) for alert in open_alerts(db)]


def danger_of(alert: Alert, pack: Pack) -> Danger:
    """An alert as its card shows it."""
    return Danger(
        id=alert.id,
        level=alert.level,
        name=words.LEVEL_NAMES[alert.level],
        told=words.told(alert.level, pack),
        signs=words.sign_titles(alert.signs, pack),
        text=alert.message.text,
        message_id=alert.message_id,
        conversation_id=alert.conversation_id,
        day=alert.healing_day,
        raised_at=alert.raised_at,
        who=who(alert.conversation),
        taken_by=alert.taken_by or "",
        taken_at=alert.taken_at,
        seen=seen(alert),
    )


def seen(alert: Alert) -> str:
    """What a person sees of an alert when they decide about it: changes when it becomes more urgent or wider."""
    return f"{alert.id}-{alert.level}-{len(alert.signs)}"


def who(conversation: Conversation) -> Who:
    """The conversation's patient, masked."""
    patient = conversation.patient
    if patient is None:
        return Who("Visitor without a record", None, False)
    return Who(words.masked(patient.name), patient.phone, True)


def waiting(db: DbSession, now: datetime) -> list[Waiting]:
    """People who need a person, the longest wait first; those with an open danger sign stand above already."""
    with_alert = {a.conversation_id for a in open_alerts(db)}
    replies = _last_replies(db, now - timedelta(days=WAITING_DAYS))
    before = _said_before(db, [r for r in replies if is_miss(r.trace)], "assistant")
    kinds = ((r, _reason(r, before.get(r.id))) for r in replies if r.conversation_id not in with_alert)
    found = sorted(((r, REASONS[kind]) for r, kind in kinds if kind), key=lambda pair: (pair[0].sent_at, pair[0].id))
    return _waiting_of(db, found[:MOST_WAITING])


def _last_replies(db: DbSession, since: datetime) -> list[Message]:
    """Each conversation's last word of the clinic's side, where that was the assistant's and nobody looked after it."""
    said = aliased(Message)
    last = select(said.id).where(said.conversation_id == Conversation.id, said.author != "patient")
    newest = last.order_by(said.sequence.desc()).limit(1).correlate(Conversation).scalar_subquery()
    unhandled = ~select(Handled.message_id).where(Handled.message_id == Message.id).exists()
    # Nearly all replies need nobody: the database leaves out those whose reason names nothing that `_reason` looks for.
    why = cast(Message.trace, Text)
    may_wait = or_(Message.outcome == "fallback", *(why.contains(f'"{name}"') for name in WAITING_FOR))
    wanted = (Message.author == "assistant", Message.sent_at >= since, unhandled, may_wait)
    query = select(Message).join(Conversation, Message.id == newest).where(Conversation.last_at >= since, *wanted)
    return list(db.scalars(query))


def _reason(reply: Message, before: Message | None) -> str | None:
    if any(t.get("kind") == "contact" and t.get("topic") == "person" for t in reply.trace):
        return "person"
    if reply.outcome == "fallback":
        return "fallback"
    # The second miss in a row is where the assistant itself names a person.
    if not is_miss(reply.trace) or before is None or not is_miss(before.trace):
        return None
    return "unclear" if any(t.get("kind") == "unclear" for t in reply.trace) else "misses"


def is_miss(trace: list[dict[str, Any]]) -> bool:
    """Whether the assistant or the patient did not understand."""
    return any(t.get("kind") == "unclear" or t.get("topic") == "did_you_mean" for t in trace)


def _said_before(db: DbSession, replies: Sequence[Message], author: str) -> dict[int, Message]:
    """By the number of each reply, what ``author`` said last before it in its conversation."""
    reply, other = aliased(Message), aliased(Message)
    earlier = (other.conversation_id == reply.conversation_id, other.sequence < reply.sequence, other.author == author)
    last = select(other.id).where(*earlier).order_by(other.sequence.desc()).limit(1).correlate(reply).scalar_subquery()
    query = select(reply.id, Message).join(Message, Message.id == last).where(reply.id.in_([r.id for r in replies]))
    return {row[0]: row[1] for row in db.execute(query)}


def _waiting_of(db: DbSession, found: Sequence[tuple[Message, str]]) -> list[Waiting]:
    replies = [reply for reply, _ in found]
    asked = _said_before(db, replies, "patient")
    talks = select(Conversation).where(Conversation.id.in_([r.conversation_id for r in replies]))
    people = {talk.id: who(talk) for talk in db.scalars(talks.options(joinedload(Conversation.patient)))}
    return [
        Waiting(
            conversation_id=reply.conversation_id,
            reply_id=reply.id,
            reason=reason,
            text=asked[reply.id].text if reply.id in asked else "",
            message_id=asked[reply.id].id if reply.id in asked else reply.id,
            since=reply.sent_at,
            who=people[reply.conversation_id],
        )
        for reply, reason in found
    ]
