"""The moments of a conversation that matter: danger signs, signs of confusion, and the words that were looked for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.console.instruction import SIGNALS
from stipple.console.words import LEVEL_NAMES
from stipple.records.clarity_models import ClaritySignal
from stipple.records.models import Alert, Delivery, Message
from stipple.records.search import holds_each

DANGER, SIGNAL, MATCH = range(3)
MOST_MATCHES = 100


@dataclass(frozen=True)
class Moment:
    """A message that matters; ``rank`` is the kind of its weightiest reason, ``open_danger`` of an open alert."""

    sequence: int
    message_id: int
    rank: int
    open_danger: bool
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """Why it matters, in plain words."""
        return "; ".join(self.reasons)


@dataclass(frozen=True)
class Place:
    """Where a page stands among the moments: the one it shows, its number, and those before and after it."""

    count: int
    number: int = 0
    current: Moment | None = None
    before: Moment | None = None
    after: Moment | None = None


def signals_of(db: DbSession, conversation_id: str) -> dict[int, list[str]]:
    """By message of the patient's, which signs of confusion it gave."""
    query = (
        select(ClaritySignal.message_id, ClaritySignal.kind)
        .join(Delivery, Delivery.id == ClaritySignal.delivery_id)
        .where(Delivery.conversation_id == conversation_id)
        .distinct()
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for message, kind in sorted((row[0], row[1]) for row in db.execute(query)):
        found[message].append(SIGNALS[kind])
    return found


def moments(
    db: DbSession, conversation_id: str, alerts: Sequence[Alert], signals: dict[int, list[str]], words: list[str]
) -> list[Moment]:
    """Every moment of the conversation, in the order of the talk."""
    reasons: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for alert in alerts:
        reasons[alert.message_id].append((DANGER, f"Danger sign: {LEVEL_NAMES[alert.level]}"))
    for message, names in signals.items():
        reasons[message] += [(SIGNAL, name) for name in names]
    if words:
        holding = select(Message.id).where(Message.conversation_id == conversation_id, holds_each(db, words))
        for message in db.scalars(holding.order_by(Message.sequence).limit(MOST_MATCHES)):
            reasons[message].append((MATCH, "Has the words you looked for"))
    opened = {alert.message_id for alert in alerts if alert.closed_at is None}
    places = db.execute(select(Message.id, Message.sequence).where(Message.id.in_(reasons)))
    found = [
        Moment(sequence, id_, min(r[0] for r in reasons[id_]), id_ in opened, tuple(r[1] for r in reasons[id_]))
        for id_, sequence in places
    ]
    return sorted(found, key=lambda moment: moment.sequence)


def opening(found: list[Moment]) -> Moment | None:
    """Where to open: an open danger sign, else any, else the first sign of confusion, else the words."""
    return min(found, key=lambda m: (not m.open_danger, m.rank, m.sequence), default=None)


def place(found: list[Moment], sequence: int) -> Place:
    """What stands at, before and after the message with this sequence number."""
    at = next((n for n, m in enumerate(found) if m.sequence == sequence), None)
    before = [m for m in found if m.sequence < sequence]
    after = [m for m in found if m.sequence > sequence]
    return Place(
        count=len(found),
        number=0 if at is None else at + 1,
        current=None if at is None else found[at],
        before=before[-1] if before else None,
        after=after[0] if after else None,
    )
