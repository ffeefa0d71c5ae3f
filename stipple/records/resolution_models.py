"""Tables of the inbox: who looks after what patients need, and how it was resolved."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stipple.records.models import Base, Message
from stipple.records.staff_models import Staff

# A danger sign, a person who waits, an instruction that was not understood, a message that the assistant did not
# understand, an answer that did not help.
KINDS = ("danger", "waiting", "unclear", "missed", "not_helpful")
CODES = ("unclear_wording", "incomplete", "contradicts", "bot_misunderstood", "clinical_concern", "fine")


class Keeping(Base):
    """Somebody looks after an item of the inbox from ``at`` on, until a later row of the same item.

    ``message_id`` is the reply that left the patient in need, or the patient's message that says an instruction was
    unclear or did not help. ``by_id`` is who put ``staff_id`` in charge: they themselves, or a colleague.
    Danger signs are not kept here, but in their alert.
    """

    __tablename__ = "keeping"
    __table_args__ = (
        CheckConstraint("kind in ('waiting', 'unclear', 'missed', 'not_helpful')", name="keeping_kind"),
        Index("keeping_by_item", "message_id", "kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    instruction_id: Mapped[str | None] = mapped_column(ForeignKey("instruction.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    staff: Mapped[Staff] = relationship(foreign_keys=staff_id)
    by: Mapped[Staff] = relationship(foreign_keys=by_id)


class Resolution(Base):
    """How an item of the inbox ended: what was the matter (``code``), who judged so, when, and a note.

    ``message_id`` is the patient's message, the last of several. ``reply_id`` is the reply that left them waiting or
    did not understand them, ``instruction_id`` the instruction that was unclear or did not help, ``alert_id`` the
    danger sign: each empty for the other kinds.
    """

    __tablename__ = "resolution"
    __table_args__ = (
        CheckConstraint("kind in ('danger', 'waiting', 'unclear', 'missed', 'not_helpful')", name="resolution_kind"),
        CheckConstraint(
            "code in ('unclear_wording', 'incomplete', 'contradicts', 'bot_misunderstood', 'clinical_concern', 'fine')",
            name="resolution_code",
        ),
        # Each item is resolved once, also when two people press at the same moment.
        UniqueConstraint("kind", "reply_id"),
        UniqueConstraint("kind", "instruction_id", "message_id"),
        UniqueConstraint("alert_id"),
        Index("resolution_by_conversation", "conversation_id", "instruction_id", "message_id"),
        Index("resolution_by_code", "code", "at"),
        Index("resolution_by_time", "at"),
        Index("resolution_by_message", "message_id"),
        Index("resolution_by_reply", "reply_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    instruction_id: Mapped[str | None] = mapped_column(ForeignKey("instruction.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    code: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    staff: Mapped[Staff] = relationship()
    message: Mapped[Message] = relationship(foreign_keys=message_id)
