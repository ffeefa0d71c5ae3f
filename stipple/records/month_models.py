"""Tables behind the monthly reports. A month is the clinic's own, named by its first day."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stipple.records.models import Base


class MonthTalk(Base):
    """A conversation that was active in a month: its turns, those that needed a person, those not understood.

    ``person`` is the patient, or the conversation itself for a visitor.
    """

    __tablename__ = "month_talk"
    __table_args__ = (Index("month_talk_by_conversation", "conversation_id"),)
    month: Mapped[date] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(20))
    turns: Mapped[int]
    needed_person: Mapped[int]
    missed: Mapped[int]


class MonthTopic(Base):
    """How often patients asked about a topic in a month, by the first day of a group of healing days."""

    __tablename__ = "month_topic"
    month: Mapped[date] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(80), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asked: Mapped[int]


class MonthMissed(Base):
    """A patient's message that the assistant could not place."""

    __tablename__ = "month_missed"
    __table_args__ = (Index("month_missed_by_month", "month", "message_id"),)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    month: Mapped[date]
