"""Tables of reading back: tags and comments on messages, verdicts on conversations, and what settles a disagreement.

Every row goes with the message or conversation that it is about.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stipple.records.models import Base
from stipple.records.staff_models import Staff


class Tag(Base):
    """A word of the clinic's own for marking messages, beside the ones that every clinic has."""

    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class MessageTag(Base):
    """One tag on one message, and who put it there first."""

    __tablename__ = "message_tag"
    __table_args__ = (Index("message_tag_by_tag", "tag"),)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class MessageComment(Base):
    """What a member of staff remarks on a message; a withdrawn comment stays as a row without its text."""

    __tablename__ = "message_comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()


class Review(Base):
    """One person's verdict on a conversation as far as message ``upto`` (its sequence number).

    ``position`` is 1 for the first verdict and 2 for the second, independent one. ``sampled`` says whether the
    conversation is of those that need a second.
    """

    __tablename__ = "review"
    __table_args__ = (Index("review_by_staff", "staff_id"), Index("review_by_verdict", "verdict"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    verdict: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    upto: Mapped[int]
    sampled: Mapped[bool]
    at: Mapped[datetime]
    staff: Mapped[Staff] = relationship()


class Decision(Base):
    """The verdict that counts where two people disagree."""

    __tablename__ = "review_decision"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    verdict: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    staff: Mapped[Staff] = relationship()
