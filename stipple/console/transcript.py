"""One conversation as staff read it: who said what and when, and why each reply was given."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console.clarity import name_of
from stipple.console.excerpt import Piece, marked
from stipple.console.inbox import Danger, danger_of
from stipple.console.links import start_before
from stipple.console.moments import Place, moments, opening, place, signals_of
from stipple.console.words import CHANNELS, CODES, LEVEL_NAMES, Reason, reason
from stipple.content.pack import Pack
from stipple.records.conversations import messages_after
from stipple.records.models import Alert, Conversation, Message, Patient
from stipple.records.patients import day_of_conversation
from stipple.records.resolution_models import Resolution
from stipple.records.resolutions import of_messages

PAGE_SIZE = 200
AUTHORS = {"patient": "Patient", "assistant": "Assistant", "staff": "Staff"}
OUTCOMES = {
    "fallback": "The assistant could not look it up in time, so the patient got the clinic's phone number.",
    "safety": "Answered at once by the check for danger signs.",
}


@dataclass(frozen=True)
class Judged:
    """What a member of staff found when they resolved an inbox item of the message; ``about`` is its instruction."""

    code: str
    about: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Said:
    """One message.

    ``mark`` names the danger sign that it raised, ``signals`` the signs of confusion it gave, ``judged`` how staff
    resolved what it asked for.
    """

    id: int
    sequence: int
    author: str
    speaker: str
    text: str
    sent_at: datetime
    reasons: list[Reason]
    outcome: str
    buttons: list[str]
    mark: str
    judged: list[Judged]
    signals: list[str]
    pieces: list[Piece]


@dataclass(frozen=True)
class Closed:
    """A danger sign that staff have closed, and how."""

    name: str
    raised_at: datetime
    closed_at: datetime
    closed_by: str
    outcome: str


@dataclass(frozen=True)
class Transcript:
    """A conversation's page; ``earlier`` and ``later`` are the sequence numbers that further pages start at."""

    id: str
    patient: Patient | None
    channel: str
    day: int | None
    danger: Danger | None
    closed: list[Closed]
    said: list[Said]
    earlier: int | None
    later: int | None
    place: Place
    first: int
    last: int


def read(
    db: DbSession,
    conversation_id: str,
    pack: Pack,
    now: datetime,
    start: int | None = None,
    at: int | None = None,
    words: Sequence[str] = (),
) -> Transcript | None:
    """The conversation from sequence number ``start`` on, or round message ``at``; None when there is none.

    Without either: round the moment that matters most (`stipple.console.moments`), or its end. ``words`` are marked.
    """
    options = [joinedload(Conversation.patient)]
    conversation = db.get(Conversation, conversation_id, options=options)
    if conversation is None:
        return None
    found = select(Alert).where(Alert.conversation_id == conversation_id).order_by(Alert.raised_at)
    alerts = list(db.scalars(found.options(joinedload(Alert.message))))
    current = next((a for a in alerts if a.closed_at is None), None)
    last = db.scalar(select(func.max(Message.sequence)).where(Message.conversation_id == conversation_id)) or 0
    signals = signals_of(db, conversation_id)
    found_moments = moments(db, conversation_id, alerts, signals, list(words))
    if start is None and at is None and (best := opening(found_moments)):
        at = best.sequence
    first = start if start is not None else _first(last, at)
    messages = messages_after(db, conversation_id, first - 1, PAGE_SIZE)
    marks = {a.message_id: LEVEL_NAMES[a.level] for a in alerts}
    resolved: defaultdict[int, list[Judged]] = defaultdict(list)
    for resolution in of_messages(db, conversation_id, [m.id for m in messages]):
        resolved[resolution.message_id].append(_judged(resolution, pack))
    shown = messages[-1].sequence if messages else last
    return Transcript(
        id=conversation_id,
        patient=conversation.patient,
        channel=CHANNELS.get(conversation.channel, conversation.channel),
        day=day_of_conversation(db, conversation_id, pack.profile.zone, now),
        danger=danger_of(current, pack) if current else None,
        closed=[_closed(a) for a in alerts if a.closed_at],
        said=[_said(m, pack, marks, signals, words, resolved[m.id]) for m in messages],
        earlier=max(1, first - PAGE_SIZE) if first > 1 else None,
        later=shown + 1 if shown < last else None,
        place=place(found_moments, at if at is not None else first - 1 if start is not None else last + 1),
        first=first,
        last=last,
    )


def _first(last: int, at: int | None) -> int:
    end = max(1, last - PAGE_SIZE + 1)
    return min(end, start_before(at)) if at else end


def _closed(alert: Alert) -> Closed:
    return Closed(
        name=LEVEL_NAMES[alert.level],
        raised_at=alert.raised_at,
        closed_at=alert.closed_at or alert.raised_at,
        closed_by=alert.closed_by or "",
        outcome=alert.outcome or "",
    )


def _judged(resolution: Resolution, pack: Pack) -> Judged:
    return Judged(
        code=CODES[resolution.code],
        about=str(name_of(resolution.instruction_id, pack)) if resolution.instruction_id else "",
        by=resolution.staff.name,
        at=resolution.at,
        note=resolution.note,
    )


def _said(
    message: Message,
    pack: Pack,
    marks: dict[int, str],
    signals: dict[int, list[str]],
    words: Sequence[str],
    judged: list[Judged],
) -> Said:
    return Said(
        id=message.id,
        sequence=message.sequence,
        author=message.author,
        speaker=AUTHORS[message.author],
        text=message.text,
        sent_at=message.sent_at,
        reasons=[reason(item, pack) for item in message.trace],
        outcome=OUTCOMES.get(message.outcome, ""),
        buttons=[choice["title"] for choice in message.choices],
        mark=marks.get(message.id, ""),
        signals=signals.get(message.id, []),
        pieces=marked(message.text, words),
        judged=judged,
    )
