"""The first section of the inbox: patients with danger signs. The others are read by `stipple.console.needs`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as DbSession

from stipple.console import words
from stipple.content.pack import Pack
from stipple.records.alerts import open_alerts
from stipple.records.models import Alert, Conversation


@dataclass(frozen=True)
class Who:
    """The patient of a card, without their name."""

    initials: str
    phone: str | None
    known: bool


@dataclass(frozen=True)
class Danger:
    """A danger sign that is not closed. ``taken_by`` without ``taken_at`` was asked to take it and has not yet."""

    id: int
    level: str
    name: str
    told: str
    signs: list[str]
    text: str
    message_id: int
    conversation_id: str
    day: int | None
    raised_at: datetime
    who: Who
    taken_by: str
    taken_by_id: int | None
    taken_at: datetime | None
    kept_by: str
    seen: str

    @property
    def version(self) -> str:
        """Changes with whatever the card shows, except the passing of time."""
        return f"{self.seen}-{self.kept_by}"


def dangers(db: DbSession, pack: Pack) -> list[Danger]:
    """Every open alert, as `stipple.records.alerts` orders them."""
    return [danger_of(alert, pack) for alert in open_alerts(db)]


def for_whom(found: list[Danger], staff_id: int, mine: bool, nobodys: bool) -> list[Danger]:
    """Those that the page is narrowed down to. What nobody has taken is always shown: it must not be missed."""
    if not mine and not nobodys:
        return found
    return [d for d in found if d.taken_at is None or (mine and d.taken_by_id == staff_id)]


def danger_of(alert: Alert, pack: Pack) -> Danger:
    """An alert as its card shows it."""
    return Danger(
        id=alert.id,
        level=alert.level,
        name=words.LEVEL_NAMES[alert.level],
        told=words.told(alert.level, pack),
        signs=words.sign_titles(alert.signs, pack),
        text=alert.message.text,
        message_id=alert.message_id,
        conversation_id=alert.conversation_id,
        day=alert.healing_day,
        raised_at=alert.raised_at,
        who=who(alert.conversation),
        taken_by=alert.taken_by or "",
        taken_by_id=alert.taken_by_id,
        taken_at=alert.taken_at,
        kept_by=kept_by(alert),
        seen=seen(alert),
    )


def seen(alert: Alert) -> str:
    """What a person sees of an alert when they decide about it: changes when it becomes more urgent or wider."""
    return f"{alert.id}-{alert.level}-{len(alert.signs)}"


def kept_by(alert: Alert) -> str:
    """Changes with whoever looks after the patient, or was asked to."""
    if not alert.taken_by:
        return ""
    words = f"{alert.taken_by}/{alert.taken_by_id}/{alert.taken_at is not None}"
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def who(conversation: Conversation) -> Who:
    """The conversation's patient, masked."""
    patient = conversation.patient
    if patient is None:
        return Who("Visitor without a record", None, False)
    return Who(words.masked(patient.name), patient.phone, True)
