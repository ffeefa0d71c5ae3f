"""Tables of the records database.

Patient data, the published instructions and the conversation log live here; Rasa keeps nothing that matters.
Every time is stored in UTC.
"""

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from stipple.care.need import need_of


class UtcDateTime(TypeDecorator[datetime]):
    """A time zone aware UTC time, also on SQLite, which stores none. Refuses a naive time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base with the type map all tables share."""

    type_annotation_map: ClassVar = {datetime: UtcDateTime, list[dict[str, Any]]: JSON, list[str]: JSON}


def random_id() -> str:
    """128 random bits as text: cannot be guessed or counted."""
    return secrets.token_hex(16)


class Clinic(Base):
    """The clinic this installation serves; its words and hours live in the clinic profile file."""

    __tablename__ = "clinic"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64))


class Patient(Base):
    """A person the clinic treats. ``reference`` is the clinic's own number for them.

    ``risk_factors`` are those of `stipple.care.risk` that make a healing sign more serious.
    """

    __tablename__ = "patient"
    __table_args__ = (UniqueConstraint("clinic_id", "reference"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinic.id"))
    reference: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    risk_factors: Mapped[list[str] | None]
    created_at: Mapped[datetime]
    courses: Mapped[list["Course"]] = relationship(back_populates="patient", order_by="Course.number")
    overrides: Mapped[list["Override"]] = relationship(back_populates="patient", order_by="Override.id")
    consents: Mapped[list["Consent"]] = relationship(back_populates="patient", order_by="Consent.id")


class Course(Base):
    """All sessions for one goal. ``number`` counts a patient's courses from 1."""

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("planned_sessions between 1 and 20", name="course_planned_sessions"),
        Index("course_by_number", "patient_id", "number", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    number: Mapped[int] = mapped_column(default=1, server_default="1")
    goal: Mapped[str | None] = mapped_column(String(40))
    planned_sessions: Mapped[int]
    patient: Mapped[Patient] = relationship(back_populates="courses")
    sessions: Mapped[list["Session"]] = relationship(back_populates="course", order_by="Session.number")


class Session(Base):
    """One treatment visit of a course."""

    __tablename__ = "session"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        CheckConstraint("status in ('planned', 'done', 'cancelled', 'missed')", name="session_status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    number: Mapped[int]
    starts_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    practitioner: Mapped[str | None] = mapped_column(String(200))
    course: Mapped[Course] = relationship(back_populates="sessions")


class Override(Base):
    """A practitioner's own rule for one patient, which beats the care plan on its days until it is ended."""

    __tablename__ = "override"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    topic: Mapped[str] = mapped_column(String(40))
    from_day: Mapped[int]
    to_day: Mapped[int | None]
    verdict: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    patient: Mapped[Patient] = relationship(back_populates="overrides")


class Consent(Base):
    """A patient gave or withdrew their consent to one thing; the latest row of a kind holds."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    how: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(200))
    patient: Mapped[Patient] = relationship(back_populates="consents")


class Instruction(Base):
    """One thing the clinic says, for instance a topic's window; its wordings are versions of the text.

    ``file_mark`` is of the text that the content files had when they were last published.
    """

    __tablename__ = "instruction"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(40), index=True)
    retired_at: Mapped[datetime | None]
    file_mark: Mapped[str | None] = mapped_column(String(64))
    wordings: Mapped[list["Wording"]] = relationship(back_populates="instruction", order_by="Wording.version")


class Wording(Base):
    """An immutable, published text of an instruction. The highest version is the one patients read.

    ``origin`` is ``files`` or ``console``. One that says again what version ``restores`` said has a ``reason``.
    """

    __tablename__ = "wording"
    __table_args__ = (UniqueConstraint("instruction_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    simpler: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(10), default="files", server_default="files")
    reason: Mapped[str | None] = mapped_column(Text)
    restores: Mapped[int | None]
    instruction: Mapped[Instruction] = relationship(back_populates="wordings")


@event.listens_for(Wording, "before_update")
@event.listens_for(Wording, "before_delete")
def _wording_is_immutable(mapper: Mapper[Wording], connection: object, target: Wording) -> None:
    raise ValueError(f"wording {target.instruction_id} version {target.version} is published and cannot change")


class Conversation(Base):
    """A patient's or an anonymous visitor's talk with the assistant on one channel.

    ``messages`` and ``last_at``, the time of the latest message, are kept by the database itself.
    """

    __tablename__ = "conversation"
    __table_args__ = (Index("conversation_by_last", "last_at", "id"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(default=0, server_default="0")
    last_at: Mapped[datetime | None]
    patient: Mapped[Patient | None] = relationship()


def _need(context: Any) -> str | None:
    """What staff must do about a message that is stored, whichever way that happens."""
    message = context.get_current_parameters()
    return need_of(message.get("trace") or [], message.get("outcome") or "") or None


class Message(Base):
    """One message of a conversation: what was said, by whom, and, for a reply, why (its trace).

    ``need`` is what the reply left the patient in need of, by `stipple.care.need`; the inbox finds it by that.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence"),
        UniqueConstraint("conversation_id", "client_id"),
        CheckConstraint("author in ('patient', 'assistant', 'staff')", name="message_author"),
        Index("message_by_time", "sent_at"),
        Index("message_by_need", "need", "sent_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    sequence: Mapped[int]
    author: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    trace: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    need: Mapped[str | None] = mapped_column(String(10), default=_need)
    client_id: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime]


class Delivery(Base):
    """One instruction shown to one patient: which wording, on which healing day, on which channel."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_by_instruction", "instruction_id", "wording_version", "healing_day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"))
    wording_version: Mapped[int]
    healing_day: Mapped[int | None]
    channel: Mapped[str] = mapped_column(String(20))
    delivered_at: Mapped[datetime]


class Alert(Base):
    """Danger signs of one conversation that a person must look at; open until staff close it.

    ``message_id`` is the patient's message that raised the level last, ``told_at`` when staff were last told by mail.
    ``taken_by`` with no ``taken_at`` was asked by a colleague to look after it and has not said yes: staff are still
    told. The names stand beside the staff accounts because on the command line people give a name.
    """

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("level in ('clinic', 'doctor', 'emergency', 'crisis')", name="alert_level"),
        Index("alert_by_conversation", "conversation_id", "closed_at"),
        Index("alert_by_state", "closed_at", "taken_at"),
        Index("alert_by_time", "raised_at"),
        Index("alert_by_message", "message_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    level: Mapped[str] = mapped_column(String(10))
    signs: Mapped[list[str]]
    healing_day: Mapped[int | None]
    raised_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None] = mapped_column(String(200))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(200))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    conversation: Mapped[Conversation] = relationship()
    message: Mapped[Message] = relationship()


class SignInLink(Base):
    """A link that lets one patient sign in; only a hash of its token is kept.

    One with ``once`` works a single time, ``used_at``.
    """

    __tablename__ = "sign_in_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime | None]
    made_by: Mapped[str | None] = mapped_column(String(200))
    once: Mapped[bool] = mapped_column(default=False, server_default=false())
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """A browser that is signed in, bound to one conversation; only a hash of its cookie is kept."""

    __tablename__ = "sign_in"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
