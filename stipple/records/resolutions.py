"""How items of the inbox were resolved, by code and time: for the page, and for whoever learns from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.records.models import Conversation
from stipple.records.resolution_models import Resolution


@dataclass(frozen=True)
class Wanted:
    """Which resolutions to read; an empty part leaves everything in. ``since`` counts, ``before`` does not."""

    codes: Sequence[str] = ()
    kinds: Sequence[str] = ()
    since: datetime | None = None
    before: datetime | None = None


def read(db: DbSession, wanted: Wanted, limit: int, offset: int = 0) -> list[Resolution]:
    """The resolutions that fit, the newest first, each with its message and who judged."""
    query = select(Resolution).where(*_conditions(wanted)).order_by(Resolution.at.desc(), Resolution.id.desc())
    options = (joinedload(Resolution.message), joinedload(Resolution.staff))
    return list(db.scalars(query.limit(limit).offset(offset).options(*options)))


def count(db: DbSession, wanted: Wanted) -> int:
    """How many resolutions fit."""
    return db.scalar(select(func.count(Resolution.id)).where(*_conditions(wanted))) or 0


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.codes:
        yield Resolution.code.in_(wanted.codes)
    if wanted.kinds:
        yield Resolution.kind.in_(wanted.kinds)
    if wanted.since:
        yield Resolution.at >= wanted.since
    if wanted.before:
        yield Resolution.at < wanted.before


def of_messages(db: DbSession, conversation_id: str, messages: Sequence[int]) -> list[Resolution]:
    """The resolutions that stand beside these messages of a conversation, oldest first."""
    mine = (Resolution.conversation_id == conversation_id, Resolution.message_id.in_(messages))
    return list(
        db.scalars(select(Resolution).where(*mine).order_by(Resolution.id).options(joinedload(Resolution.staff)))
    )


def conversations_of(db: DbSession, found: Sequence[Resolution]) -> dict[str, Conversation]:
    """The conversations of ``found`` with their patients."""
    wanted = select(Conversation).where(Conversation.id.in_({r.conversation_id for r in found}))
    return {c.id: c for c in db.scalars(wanted.options(joinedload(Conversation.patient)))}
