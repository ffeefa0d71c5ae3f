"""The list of conversations, with what its address may narrow it down by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.levels import LEVELS, most_urgent
from stipple.console.inbox import Who, who
from stipple.console.words import CHANNELS, LEVEL_NAMES
from stipple.records.models import Alert, Conversation, Message, Patient

PAGE_SIZE = 25
MOST_PAGES = 10_000
NAMES = ("level", "channel", "from", "to", "reference")
ANY_LEVEL = "any"


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty part leaves everything in. ``problem`` names what could not be read."""

    level: str = ""
    channel: str = ""
    first: date | None = None
    last: date | None = None
    reference: str = ""
    page: int = 1
    problem: str = ""

    def address(self, page: int) -> str:
        """The query that shows another page of the same list."""
        dates = {"from": self.first.isoformat() if self.first else "", "to": self.last.isoformat() if self.last else ""}
        given = {"level": self.level, "channel": self.channel, **dates, "reference": self.reference}
        return urlencode({name: value for name, value in given.items() if value} | {"page": page})

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.level or self.channel or self.first or self.last or self.reference)


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


@dataclass(frozen=True)
class Listing:
    """One page of the list."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters that an address asks for; what makes no sense is left out and told."""
    problems: list[str] = []
    level = query.get("level", "")
    first, last = (_date(query.get(name, ""), problems) for name in ("from", "to"))
    if first and last and last < first:
        problems.append("The first date lies after the last one.")
    number = query.get("page", "1")
    return Filters(
        level=level if level in (ANY_LEVEL, *LEVELS[1:]) else "",
        channel=query.get("channel", "")[:20],
        first=first,
        last=last,
        reference=query.get("reference", "").strip().replace("\0", "")[:64],
        page=min(max(int(number), 1), MOST_PAGES) if number.isascii() and number.isdigit() and len(number) < 9 else 1,
        problem=" ".join(problems),
    )


def _date(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"“{text[:20]}” is not a date; write it as 2026-06-30.")
        return None


def channels(db: DbSession) -> list[tuple[str, str]]:
    """Every channel that conversations came on, with its name."""
    found = db.scalars(select(Conversation.channel).distinct().order_by(Conversation.channel))
    return [(channel, CHANNELS.get(channel, channel)) for channel in found]


def read(db: DbSession, filters: Filters, zone: ZoneInfo) -> Listing:
    """The conversations that fit, the one with the latest message first."""
    fits = (Conversation.last_at.is_not(None), *_conditions(filters, zone))
    total = db.scalar(select(func.count()).select_from(Conversation).where(*fits)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(filters.page, pages)
    return Listing(_rows(db, fits, page), total, page, pages)


def _conditions(filters: Filters, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
    if filters.channel:
        yield Conversation.channel == filters.channel
    if filters.reference:
        matching = Patient.reference.icontains(filters.reference, autoescape=True)
        yield Conversation.patient_id.in_(select(Patient.id).where(matching))
    if filters.level:
        raised = select(Alert.conversation_id)
        wanted = raised if filters.level == ANY_LEVEL else raised.where(Alert.level == filters.level)
        yield Conversation.id.in_(wanted)
    if filters.first:
        yield Conversation.last_at >= _start(filters.first, zone)
    if filters.last and filters.last < date.max:
        yield Conversation.last_at < _start(filters.last + timedelta(days=1), zone)


def _start(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day of the clinic's begins. A day at the end of the calendar has no UTC time, so UTC must do."""
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)


def _rows(db: DbSession, fits: Sequence[ColumnElement[bool]], page: int) -> list[Row]:
    ordered = select(Conversation).where(*fits).order_by(Conversation.last_at.desc(), Conversation.id)
    shown = ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    found = db.scalars(shown.options(joinedload(Conversation.patient))).all()
    ids = [talk.id for talk in found]
    # Of the page's conversations only: counting all messages would take seconds with a million of them.
    grouped = select(Message.conversation_id, func.count()).where(Message.conversation_id.in_(ids))
    counts = {row[0]: row[1] for row in db.execute(grouped.group_by(Message.conversation_id))}
    raised = list(db.scalars(select(Alert).where(Alert.conversation_id.in_(ids))))
    return [_row(talk, counts.get(talk.id, 0), [a for a in raised if a.conversation_id == talk.id]) for talk in found]


def _row(conversation: Conversation, messages: int, alerts: list[Alert]) -> Row:
    still_open = [a.level for a in alerts if a.closed_at is None]
    level = most_urgent(still_open or [a.level for a in alerts])
    return Row(
        id=conversation.id,
        who=who(conversation),
        reference=conversation.patient.reference if conversation.patient else "",
        channel=CHANNELS.get(conversation.channel, conversation.channel),
        messages=messages,
        last_at=conversation.last_at or conversation.created_at,
        level=level,
        level_name=LEVEL_NAMES[level],
        open_level=bool(still_open),
    )
