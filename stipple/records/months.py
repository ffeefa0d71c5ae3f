"""Counting each turn for the monthly reports, in the transaction that stores the reply.

`stipple.records.clarity_recount` works the same out from all messages; both must always agree.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as DbSession

from stipple.care.days import first_of_group
from stipple.care.levels import needs_doctor
from stipple.records.clarity_models import NO_DAY
from stipple.records.conversations import answered
from stipple.records.models import Base, Clinic, Conversation, Message
from stipple.records.month_models import MonthMissed, MonthTalk, MonthTopic

# These kinds answer no question of the patient's about a topic.
NO_TOPIC = ("ask_back", "feedback", "smalltalk", "unclear", "not_understood", "followup")


@dataclass(frozen=True)
class Tally:
    """What one turn adds: whether it needed a person, whether it was not understood, and the topics asked about.

    A topic is a label, kind and topic as in a trace, and the first day of a group of healing days, or `NO_DAY`.
    """

    needed_person: bool
    missed: bool
    topics: frozenset[tuple[str, int]]


def tally(trace: list[dict[str, Any]], outcome: str) -> Tally:
    """What the turn with this reply adds.

    A turn needed a person when the assistant fell back, when the patient asked for one, or when it told of danger.
    """
    needed = outcome == "fallback" or any(_needs_person(item) for item in trace)
    missed = any((item.get("kind"), item.get("topic")) == ("ask_back", "did_you_mean") for item in trace)
    asked = (i for i in trace if i.get("topic") and i.get("kind") not in NO_TOPIC)
    return Tally(needed, missed, frozenset((f"{i['kind']}/{i['topic']}"[:80], _days(i)) for i in asked))


def _needs_person(item: dict[str, Any]) -> bool:
    person = (item.get("kind"), item.get("topic")) == ("contact", "person")
    danger = item.get("kind") == "red_flag" or needs_doctor(item.get("urgency") or "normal")
    return person or danger


def _days(item: dict[str, Any]) -> int:
    day = item.get("asked_day")
    return NO_DAY if day is None else first_of_group(day)


def zone_of(db: DbSession) -> ZoneInfo:
    """The clinic's time zone; UTC before there is a clinic."""
    return ZoneInfo(db.scalar(select(Clinic.time_zone).order_by(Clinic.id).limit(1)) or "UTC")


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """The first day of the clinic's month that a moment lies in."""
    return at.astimezone(zone).date().replace(day=1)


def week_of(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the clinic's week that a moment lies in."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day of the clinic's begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def count_turn(db: DbSession, reply: Message) -> None:
    """Count the turn that ``reply`` ends; a message that answers no patient's is none.

    Call it in the transaction that stores the reply.
    """
    asked = answered(db, reply)
    if asked is None or reply.author != "assistant":
        return
    found, month = tally(reply.trace, reply.outcome), month_of(reply.sent_at, zone_of(db))
    talk = db.get_one(Conversation, reply.conversation_id)
    who = {"person": talk.patient_id or talk.id, "channel": talk.channel}
    numbers = {"turns": 1, "needed_person": int(found.needed_person), "missed": int(found.missed)}
    add(db, MonthTalk, {"month": month, "conversation_id": talk.id}, numbers, who)
    if found.missed:
        db.add(MonthMissed(message_id=asked, month=month))
    # Always in the same order, so that two transactions do not wait for each other.
    for label, days in sorted(found.topics):
        add(db, MonthTopic, {"month": month, "label": label, "days": days}, {"asked": 1})


def add(
    db: DbSession,
    table: type[Base],
    key: dict[str, Any],
    numbers: dict[str, int],
    more: dict[str, Any] | None = None,
) -> None:
    """Add ``numbers`` to the row of ``key``, made with ``more`` if it is new.

    One statement, so that nothing is lost when several gateways count at once.
    """
    made = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    columns = table.__table__.c
    statement: Insert = (
        made(table)
        .values(**key, **numbers, **(more or {}))
        .on_conflict_do_update(
            index_elements=list(key), set_={name: columns[name] + number for name, number in numbers.items()}
        )
    )
    db.execute(statement)
