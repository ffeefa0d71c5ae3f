"""Tables of new wordings on their way to patients: drafts, and proposals that a second person decides about."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stipple.records.models import Base, Instruction
from stipple.records.staff_models import Staff

APPROVED, REJECTED, WITHDRAWN = "approved", "rejected", "withdrawn"


class WordingDraft(Base):
    """What one member of staff has typed for an instruction; ``based_on`` is the version they started from."""

    __tablename__ = "wording_draft"
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    based_on: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    simpler: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class WordingProposal(Base):
    """A new wording that somebody proposes in place of version ``based_on``; open until ``decision`` is set.

    ``reason`` says why it was rejected, ``version`` which version it was published as.
    """

    __tablename__ = "wording_proposal"
    __table_args__ = (Index("wording_proposal_by_instruction", "instruction_id", "decision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instruction_id: Mapped[str] = mapped_column(ForeignKey("instruction.id"))
    based_on: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    simpler: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int | None]
    instruction: Mapped[Instruction] = relationship()
    proposer: Mapped[Staff] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[Staff | None] = relationship(foreign_keys=[decided_by])
