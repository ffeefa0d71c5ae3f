"""Tables behind the clarity page: who was shown which wording, whom it confused, and how they said so."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stipple.care.days import last_of_group
from stipple.records.models import Base

# Stands where a column of a key has no value, because a key can hold no null: on an unknown healing day, in the
# counter of all healing days, and in the counter of all channels.
NO_DAY, EVERY_DAY, EVERY_CHANNEL = -1, -2, ""
# A group of several healing days is counted under its first day, this far below zero.
GROUPS_FROM = -100
# Begins the random name that an erased person's rows have got; no patient's or conversation's begins so.
ERASED = "erased-"


class ClarityPerson(Base):
    """One patient, or visitor's conversation, that was shown a wording on a healing day and channel.

    An erased one has a random name of its own for each wording, which begins with `ERASED`: they stay in the totals.
    """

    __tablename__ = "clarity_person"
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"), primary_key=True)
    wording_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    healing_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    explicit: Mapped[bool]
    implicit: Mapped[bool]


class ClarityCount(Base):
    """Patients shown a wording, and those it confused, each counted once within the row.

    Every wording has a row for each healing day and channel, one for each healing day, one for each group of
    `stipple.care.days` that is longer than a day (`group_key`), and one for all of it: their numbers cannot be added
    up, because one patient may stand behind several.
    """

    __tablename__ = "clarity_count"
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"), primary_key=True)
    wording_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    healing_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    shown: Mapped[int]
    explicit: Mapped[int]
    implicit: Mapped[int]
    confused: Mapped[int]


def group_key(first_day: int) -> int:
    """Where the group of healing days that starts with ``first_day`` is counted."""
    return first_day if last_of_group(first_day) == first_day else GROUPS_FROM - first_day


class ClaritySignal(Base):
    """A turn that hints that a delivery was not understood.

    ``message_id`` is the patient's message, ``at`` when it was replied to.
    """

    __tablename__ = "clarity_signal"
    __table_args__ = (
        Index("clarity_signal_by_instruction", "instruction_id", "message_id"),
        Index("clarity_signal_by_kind", "kind", "at"),
        Index("clarity_signal_by_message", "message_id"),
    )
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"))
    at: Mapped[datetime]


class ClarityWeekPerson(Base):
    """One patient, or visitor's conversation, that was shown an instruction in a week of the clinic's.

    ``week`` is its Monday. ``confused`` and ``handed_over`` are about what was shown in that week, whenever it showed.
    """

    __tablename__ = "clarity_week_person"
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    confused: Mapped[bool]
    handed_over: Mapped[bool]


class ClarityWeek(Base):
    """Patients shown an instruction in a week, those it confused, and those who needed a person right after."""

    __tablename__ = "clarity_week"
    week: Mapped[date] = mapped_column(primary_key=True)
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"), primary_key=True)
    shown: Mapped[int]
    confused: Mapped[int]
    handed_over: Mapped[int]
