"""Alerts: raised from what a reply says of danger, told to staff until somebody takes them, open until closed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, and_, cast, not_, or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.care.levels import most_urgent, needs_doctor, rank
from stipple.records.models import Alert, Conversation, Message

# The topics of the answers to "I am in no danger, you got me wrong", and to "the doctor has seen it".
SETTLES = FALSE_ALARM, SEEN = ("false_alarm", "seen")


class UnknownAlertError(Exception):
    """An alert that does not exist or is closed."""


def raise_alert(
    db: DbSession, asked: Message, trace: list[dict[str, Any]], day: int | None, now: datetime
) -> Alert | None:
    """Note the danger signs in a reply's ``trace`` on the conversation of ``asked``; None when there are none.

    A conversation has one open alert. A sign that raises its level opens it to be taken anew.
    """
    found = [t for t in trace if t["kind"] == "red_flag" or needs_doctor(t.get("urgency", "normal"))]
    if not found:
        return None
    level, signs = most_urgent([t["urgency"] for t in found]), [t["topic"] for t in found]
    # Locked, so that staff cannot close it while it becomes more urgent.
    alert = db.scalar(_open_in(asked.conversation_id).with_for_update())
    if alert is None:
        alert = Alert(conversation_id=asked.conversation_id, message_id=asked.id, level=level, signs=signs)
        alert.healing_day, alert.raised_at = day, now
        db.add(alert)
    else:
        _add_signs(alert, asked, level, signs)
    db.flush()
    return alert


def _add_signs(alert: Alert, asked: Message, level: str, signs: list[str]) -> None:
    alert.signs = list(dict.fromkeys([*alert.signs, *signs]))
    if rank(level) > rank(alert.level):
        alert.level, alert.message_id = level, asked.id
        alert.told_at = alert.taken_at = alert.taken_by = alert.taken_by_id = None


def open_alert(db: DbSession, conversation_id: str) -> Alert | None:
    """The alert of the conversation that staff have not closed."""
    return db.scalar(_open_in(conversation_id))


def _open_in(conversation_id: str) -> Select[Alert]:
    return select(Alert).where(Alert.conversation_id == conversation_id, Alert.closed_at.is_(None))


def is_denied(db: DbSession, alert: Alert) -> bool:
    """Whether the patient has said, since the last safety text, that they are in no danger, or were seen by somebody.

    The alert stays open for staff to judge; only the patient is no longer reminded of it, and is no longer answered as
    somebody in danger.
    """
    told = cast(Message.trace, Text)
    denies = or_(*(told.contains(f'"{topic}"') for topic in SETTLES))
    warns = told.contains('"red_flag"')
    last = db.scalar(
        select(and_(denies, not_(warns)))
        .where(Message.conversation_id == alert.conversation_id, Message.author == "assistant", or_(denies, warns))
        .where(Message.sequence > alert.message.sequence)
        .order_by(Message.sequence.desc())
        .limit(1)
    )
    return bool(last)


def open_alerts(db: DbSession) -> list[Alert]:
    """Every alert that is not closed: the most urgent first, then those that nobody has taken, then the oldest."""
    with_all = (joinedload(Alert.message), joinedload(Alert.conversation).joinedload(Conversation.patient))
    found = db.scalars(select(Alert).where(Alert.closed_at.is_(None)).options(*with_all))
    return sorted(found, key=lambda a: (-rank(a.level), a.taken_at is not None, a.raised_at))


def find_open(db: DbSession, number: int) -> Alert:
    """The open alert with this number.

    Raises:
        UnknownAlertError: when there is none, or it is closed.
    """
    alert = db.get(Alert, number)
    if alert is None or alert.closed_at is not None:
        raise UnknownAlertError(f"no open alert has the number {number}")
    return alert


def claim_due_alerts(db: DbSession, now: datetime, repeat_after: timedelta) -> list[Alert]:
    """Alerts that nobody has taken and that staff were not told of within ``repeat_after``; they count as told now.

    Each is claimed by one caller only, so that two gateways do not both tell.
    """
    is_due = or_(Alert.told_at.is_(None), Alert.told_at <= now - repeat_after)
    waiting = (Alert.taken_at.is_(None), Alert.closed_at.is_(None), is_due)
    claimed = db.scalars(update(Alert).where(*waiting).values(told_at=now).returning(Alert.id)).all()
    return list(db.scalars(select(Alert).where(Alert.id.in_(claimed)).order_by(Alert.raised_at)))


def take(alert: Alert, by: str, now: datetime, staff_id: int | None = None) -> None:
    """``by`` looks after the patient from now on; staff are told no more. ``staff_id`` is their account, if known."""
    alert.taken_by, alert.taken_by_id, alert.taken_at = by, staff_id, now


def assign(alert: Alert, to: str, staff_id: int) -> None:
    """``to`` is asked to look after the patient. Until they take it staff are told of it: they may not be there."""
    alert.taken_by, alert.taken_by_id, alert.taken_at = to, staff_id, None


def close(alert: Alert, by: str, outcome: str, now: datetime, staff_id: int | None = None) -> None:
    """The patient is looked after: the level leaves the conversation. ``outcome`` says how."""
    alert.closed_by, alert.closed_by_id, alert.closed_at, alert.outcome = by, staff_id, now, outcome
