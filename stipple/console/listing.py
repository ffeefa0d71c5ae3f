"""The list of conversations that fit, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.levels import most_urgent
from stipple.console.conversation_query import conditions, text_condition
from stipple.console.excerpt import Piece, excerpt
from stipple.console.filters import Filters
from stipple.console.inbox import Who, who
from stipple.console.paging import Listing, pages_of
from stipple.console.words import CHANNELS, LEVEL_NAMES
from stipple.records.models import Alert, Conversation, Message
from stipple.records.review_models import Review
from stipple.records.search import holds_each

PAGE_SIZE = 25


@dataclass(frozen=True)
class Match:
    """The latest message of a conversation that holds the words looked for."""

    message_id: int
    sequence: int
    pieces: list[Piece]


@dataclass(frozen=True)
class Row:
    """One conversation of the list; ``open_level`` is that of a danger sign nobody has closed."""

    id: str
    who: Who
    reference: str
    channel: str
    messages: int
    last_at: datetime
    level: str
    level_name: str
    open_level: bool
    review: str
    match: Match | None


@dataclass(frozen=True)
class Found(Listing[Row]):
    """One page of the list; ``latest`` is how many messages were searched, None when all were."""

    latest: int | None


def read(db: DbSession, filters: Filters, zone: ZoneInfo, now: datetime) -> Found:
    """The conversations that fit, the one with the latest message first."""
    query = select(Conversation.id).where(Conversation.last_at.is_not(None), *conditions(filters, zone, now))
    latest = None
    if filters.words:
        condition, latest = text_condition(db, filters.words, query)
        query = query.where(condition)
    page, total, ids = filters.page, *_page(db, query, filters.page)
    if not ids and page > 1:
        # The list has become shorter than that.
        total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = pages_of(total, PAGE_SIZE)
        total, ids = _page(db, query, page)
    return Found(_rows(db, ids, filters.words), total, page, pages_of(total, PAGE_SIZE), latest)


def _page(db: DbSession, query: Select[str], page: int) -> tuple[int, list[str]]:
    """How many conversations there are, and those of one page, asked for at once because looking is what costs."""
    # Materialised, because PostgreSQL would otherwise walk every conversation from the newest on until a page is full.
    fitting = query.add_columns(Conversation.last_at).cte("fitting").prefix_with("materialized", dialect="postgresql")
    counting = select(fitting.c.id, func.count().over())
    ordered = counting.order_by(fitting.c.last_at.desc(), fitting.c.id.desc())
    found = db.execute(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return (found[0][1] if found else 0), [row[0] for row in found]


def _rows(db: DbSession, ids: Sequence[str], words: list[str]) -> list[Row]:
    known = {
        c.id: c
        for c in db.scalars(
            select(Conversation).where(Conversation.id.in_(ids)).options(joinedload(Conversation.patient))
        )
    }
    found = [known[i] for i in ids]
    raised = list(db.scalars(select(Alert).where(Alert.conversation_id.in_(ids))))
    reviews = list(db.scalars(select(Review).where(Review.conversation_id.in_(ids))))
    matches = _matches(db, list(ids), words) if words else {}
    return [
        _row(
            c,
            [a for a in raised if a.conversation_id == c.id],
            [r for r in reviews if r.conversation_id == c.id],
            matches.get(c.id),
        )
        for c in found
    ]


def _matches(db: DbSession, ids: list[str], words: list[str]) -> dict[str, Match]:
    """By conversation, its latest message with the words."""
    holding = select(func.max(Message.id)).where(Message.conversation_id.in_(ids), holds_each(db, words))
    latest = db.scalars(holding.group_by(Message.conversation_id)).all()
    found = db.scalars(select(Message).where(Message.id.in_(latest)))
    return {m.conversation_id: Match(m.id, m.sequence, excerpt(m.text, words)) for m in found}


def _row(conversation: Conversation, alerts: list[Alert], reviews: list[Review], match: Match | None) -> Row:
    still_open = [a.level for a in alerts if a.closed_at is None]
    level = most_urgent(still_open or [a.level for a in alerts])
    return Row(
        id=conversation.id,
        who=who(conversation),
        reference=conversation.patient.reference if conversation.patient else "",
        channel=CHANNELS.get(conversation.channel, conversation.channel),
        messages=conversation.messages,
        last_at=conversation.last_at or conversation.created_at,
        level=level,
        level_name=LEVEL_NAMES[level],
        open_level=bool(still_open),
        review=review_words(reviews),
        match=match,
    )


def review_words(reviews: list[Review]) -> str:
    """How far a conversation has been reviewed; never what the verdict is."""
    if not reviews:
        return ""
    return "Needs a second review" if len(reviews) == 1 and reviews[0].sampled else "Reviewed"
