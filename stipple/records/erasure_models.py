"""What is still to be done after a patient was erased."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from stipple.records.models import Base


class EngineLeftover(Base):
    """A conversation that is gone here, and whose state must go from the engine's own database too.

    ``cleared_at`` is when that was done first. The row stays for some minutes after that, because an answer that was
    on its way may have put the state back. The random name of the conversation refers to nothing any more.
    """

    __tablename__ = "engine_leftover"
    conversation_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    erased_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
