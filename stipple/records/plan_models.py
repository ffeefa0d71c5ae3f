"""The care plan's changes that were made in the console."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from stipple.records.models import Base


class PlanChange(Base):
    """One immutable version of a topic's windows; the highest version is in use.

    ``windows`` is the full set, ``before`` the one it took the place of. ``kind`` says what was done: windows were
    edited, an earlier version was restored (``restored`` is its number), or the topic was given back to the content
    files. ``based_on`` is the version that was in use, 0 for the files. ``file_digest`` tells which windows the files
    had then. ``approved_by`` is the clinician who approved that patients are held back less.
    """

    __tablename__ = "care_plan_change"
    __table_args__ = (
        UniqueConstraint("topic", "version"),
        CheckConstraint("kind in ('edit', 'restore', 'files')", name="care_plan_change_kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    windows: Mapped[list[dict[str, Any]]]
    before: Mapped[list[dict[str, Any]]]
    based_on: Mapped[int]
    restored: Mapped[int | None]
    file_digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    approved_by: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime]


@event.listens_for(PlanChange, "before_update")
@event.listens_for(PlanChange, "before_delete")
def _change_is_immutable(mapper: Mapper[PlanChange], connection: object, target: PlanChange) -> None:
    raise ValueError(f"care plan {target.topic} version {target.version} was in use and cannot change")
