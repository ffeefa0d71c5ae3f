"""Table of what staff want the assistant to learn, or to be tested with, on its way to the files."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stipple.records.models import Base, Message
from stipple.records.staff_models import Staff

PHRASE, CASE, NOTHING = "phrase", "case", "nothing"
ACCEPTED, REJECTED, WITHDRAWN = "accepted", "rejected", "withdrawn"
_OPEN = text("kind != 'nothing' and (decision is null or decision = 'accepted')")


class Lesson(Base):
    """One training phrase or one test case that a member of staff proposes; open until ``decision`` is set.

    ``text`` holds no word that tells who the patient is, ``mark`` is of its plain form. It comes from the patient's
    message ``message_id``, or from the instruction whose wording was changed. ``record`` and ``expect`` are those of a
    case, in the form of the case files. ``nothing`` says that there is nothing to learn from a message.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        CheckConstraint("kind in ('phrase', 'case', 'nothing')", name="lesson_kind"),
        CheckConstraint("decision in ('accepted', 'rejected', 'withdrawn')", name="lesson_decision"),
        # The same words are never proposed twice, also when two people press at the same moment.
        Index("lesson_once", "mark", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("lesson_by_message", "message_id"),
        Index("lesson_by_state", "decision", "kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    instruction_id: Mapped[str | None] = mapped_column(ForeignKey("instruction.id"))
    record: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    expect: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    proposer: Mapped[Staff] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[Staff | None] = relationship(foreign_keys=[decided_by])
    message: Mapped[Message | None] = relationship()
