"""The conversation log: what was said, by whom, why, and which instructions were shown."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session as DbSession

from stipple.records.models import Conversation, Delivery, Instruction, Message, Patient, SignIn, SignInLink

SIGN_IN_DAYS = 90
# A message that comes later than this after the last answer begins something new.
GOES_ON_WITHIN = timedelta(hours=1)
ANSWERED = ("answered", "safety")


class UnknownLinkError(Exception):
    """A sign-in link that was never issued, has expired or was used up."""


@dataclass(frozen=True)
class Before:
    """The patient's last message that was answered, and the labels (``kind/topic``) of what the answer spoke of."""

    text: str
    asked: tuple[str, ...]


def hash_token(token: str) -> str:
    """What is stored of a token: the token itself cannot be read back from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_link(db: DbSession, patient: Patient, expires_at: datetime, **facts: Any) -> str:
    """A new sign-in token for ``patient``; only its hash is stored. ``facts`` are further columns of the link."""
    token = secrets.token_urlsafe(24)
    db.add(SignInLink(token_hash=hash_token(token), patient_id=patient.id, expires_at=expires_at, **facts))
    return token


def asks_first(db: DbSession, token: str, now: datetime) -> bool:
    """Whether the link works once and still does.

    Such a link is used up by a tap of the patient's, not by a messaging app that looks at it beforehand.
    """
    link = db.get(SignInLink, hash_token(token))
    return link is not None and link.once and link.used_at is None and link.expires_at > now


def open_link(db: DbSession, token: str, channel: str, now: datetime) -> str:
    """Sign the holder of a link in; the cookie token, bound to the patient's conversation on ``channel``.

    Raises:
        UnknownLinkError: when the link was never issued, has expired, or worked once and was used.
    """
    link = db.get(SignInLink, hash_token(token))
    if link is None or link.expires_at <= now:
        raise UnknownLinkError
    # One statement, so that of two who open it at once only one gets in.
    unused = (SignInLink.token_hash == link.token_hash, or_(~SignInLink.once, SignInLink.used_at.is_(None)))
    marked = update(SignInLink).where(*unused).values(used_at=now).execution_options(synchronize_session=False)
    if not db.execute(marked.returning(SignInLink.token_hash)).all():
        raise UnknownLinkError
    conversation = db.scalar(
        select(Conversation)
        .where(Conversation.patient_id == link.patient_id, Conversation.channel == channel)
        .order_by(Conversation.created_at.desc())
        .limit(1)
    )
    return sign_in(db, conversation or start_conversation(db, channel, now, link.patient_id), now)


def start_conversation(db: DbSession, channel: str, now: datetime, patient_id: str | None = None) -> Conversation:
    """A new conversation, anonymous unless a patient is given."""
    conversation = Conversation(patient_id=patient_id, channel=channel, created_at=now)
    db.add(conversation)
    db.flush()
    return conversation


def sign_in(db: DbSession, conversation: Conversation, now: datetime) -> str:
    """A cookie token bound to the conversation."""
    token = secrets.token_urlsafe(24)
    expires = now + timedelta(days=SIGN_IN_DAYS)
    db.add(SignIn(token_hash=hash_token(token), conversation_id=conversation.id, created_at=now, expires_at=expires))
    return token


def signed_in(db: DbSession, token: str, now: datetime) -> Conversation | None:
    """The conversation a cookie token is bound to; None when it is unknown or has expired."""
    return db.scalar(
        select(Conversation)
        .join(SignIn, SignIn.conversation_id == Conversation.id)
        .where(SignIn.token_hash == hash_token(token), SignIn.expires_at > now)
    )


def add_message(db: DbSession, conversation_id: str, author: str, text: str, at: datetime, **facts: Any) -> Message:
    """Append a message to the conversation, with the next sequence number."""
    last = db.scalar(select(func.max(Message.sequence)).where(Message.conversation_id == conversation_id)) or 0
    message = Message(conversation_id=conversation_id, sequence=last + 1, author=author, text=text, sent_at=at, **facts)
    db.add(message)
    db.flush()
    return message


def add_deliveries(db: DbSession, message: Message, channel: str) -> None:
    """One row for each instruction that the reply's trace says was shown."""
    for item in message.trace:
        version = item.get("wording_version")
        if version is None or db.get(Instruction, item["rule_id"]) is None:
            continue
        db.add(
            Delivery(
                message_id=message.id,
                conversation_id=message.conversation_id,
                instruction_id=item["rule_id"],
                wording_version=version,
                healing_day=item.get("asked_day"),
                channel=channel,
                delivered_at=message.sent_at,
            )
        )


def answered(db: DbSession, reply: Message) -> int | None:
    """The patient's message right before ``reply``; None when that one is not a patient's."""
    earlier = (Message.conversation_id == reply.conversation_id, Message.sequence < reply.sequence)
    last = select(Message.id, Message.author).where(*earlier).order_by(Message.sequence.desc()).limit(1)
    found = db.execute(last).first()
    return found.id if found and found.author == "patient" else None


def messages_after(db: DbSession, conversation_id: str, sequence: int, limit: int = 200) -> list[Message]:
    """Messages of the conversation after ``sequence``, oldest first."""
    return list(
        db.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.sequence > sequence)
            .order_by(Message.sequence)
            .limit(limit)
        )
    )


def next_author(db: DbSession, message: Message) -> str | None:
    """Who wrote the message right after this one in its conversation; None when it is the last."""
    later = (Message.conversation_id == message.conversation_id, Message.sequence > message.sequence)
    return db.scalar(select(Message.author).where(*later).order_by(Message.sequence).limit(1))


def safety_came_last(db: DbSession, conversation_id: str) -> bool:
    """Whether the conversation's last safety text is newer than the engine's last answer."""
    last = db.scalar(
        select(Message.outcome)
        .where(Message.conversation_id == conversation_id, Message.outcome.in_(ANSWERED))
        .order_by(Message.sequence.desc())
        .limit(1)
    )
    return last == "safety"


def came_before(db: DbSession, conversation_id: str, now: datetime) -> Before | None:
    """What the patient's next message may go on from.

    None when the last answer is too long ago, was no answer (a fallback, a member of staff's words), or itself asked
    something: then the next message answers that.
    """
    newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.sequence.desc())
    last = list(db.scalars(newest.limit(2)))
    if len(last) < 2:
        return None
    reply, message = last
    if message.author != "patient" or reply.outcome not in ANSWERED:
        return None
    if now - reply.sent_at > GOES_ON_WITHIN or any(item["kind"] == "ask_back" for item in reply.trace):
        return None
    asked = dict.fromkeys(f"{item['kind']}/{item['topic']}" for item in reply.trace if item.get("topic"))
    return Before(message.text, tuple(asked))


def repeated(db: DbSession, conversation_id: str, client_id: str) -> Message | None:
    """The patient's message that was sent before under the same client id."""
    return db.scalar(select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id))


def offered_choice(db: DbSession, conversation_id: str, choice_id: str) -> dict[str, Any] | None:
    """The choice with this id among those the assistant offered lately in this conversation."""
    recent = db.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author == "assistant")
        .order_by(Message.sequence.desc())
        .limit(50)
    )
    return next((c for m in recent for c in m.choices if c["id"] == choice_id), None)
