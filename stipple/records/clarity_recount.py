"""Working out every counter from all messages and deliveries, and from what erased people left of themselves.

This is what the counting of `stipple.records.clarity` and `stipple.records.months` must come to. It also counts what
was stored before there were counters, or in bulk.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched, groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.confusion import Said, handed_over, signals
from stipple.records.clarity import (
    NOTHING,
    NUMBERS,
    Cell,
    Marks,
    Week,
    cell_of,
    joined,
    key_of,
    marks_of,
    person_counts,
    said_of,
)
from stipple.records.clarity_models import (
    ERASED,
    ClarityCount,
    ClarityPerson,
    ClaritySignal,
    ClarityWeek,
    ClarityWeekPerson,
)
from stipple.records.models import Base, Conversation, Delivery, Message
from stipple.records.month_models import MonthMissed, MonthTalk, MonthTopic
from stipple.records.months import month_of, tally, week_of, zone_of

ROWS_AT_ONCE = 5000
CLARITY = (ClaritySignal, ClarityPerson, ClarityCount, ClarityWeekPerson, ClarityWeek)
MONTHS = (MonthTalk, MonthTopic, MonthMissed)
TALK_NUMBERS = ("turns", "needed_person", "missed")


@dataclass
class Recount:
    """Everything the counters' tables should hold.

    ``talks`` are a month's conversation with its person and channel: turns, those that needed a person, those missed.
    """

    people: dict[tuple[str, Cell], Marks] = field(default_factory=dict)
    counts: dict[Cell, Count] = field(default_factory=dict)
    signals: set[tuple[int, int, str, str, datetime]] = field(default_factory=set)
    week_people: dict[tuple[str, Week], Marks] = field(default_factory=dict)
    weeks: dict[Week, tuple[int, int, int]] = field(default_factory=dict)
    talks: dict[tuple[date, str, str, str], tuple[int, int, int]] = field(default_factory=dict)
    topics: dict[tuple[date, str, int], int] = field(default_factory=dict)
    missed: set[tuple[int, date]] = field(default_factory=set)


def recount(db: DbSession) -> Recount:
    """Work out the tables from all messages and deliveries. Of who was erased only their rows are left: they stay."""
    found, zone = Recount(people=_erased(db), week_people=_erased_weeks(db)), zone_of(db)
    topics: Counter[tuple[date, str, int]] = Counter()
    talks = {row.id: row for row in db.execute(select(Conversation.id, Conversation.patient_id, Conversation.channel))}
    # Rows and not objects: with a million messages that is a third of the time.
    columns = (Message.id, Message.conversation_id, Message.author, Message.text, Message.trace, Message.outcome)
    told = select(*columns, Message.sent_at).order_by(Message.conversation_id, Message.sequence)
    messages = db.execute(told.execution_options(yield_per=2000))
    shown = _shown(db)
    for conversation_id, talk in groupby(messages, key=lambda m: m.conversation_id):
        row, told_here = talks[conversation_id], list(talk)
        person = row.patient_id or conversation_id
        _replay(found, zone, person, told_here, shown)
        _months(found, topics, zone, (conversation_id, person, row.channel), told_here)
    found.counts, found.topics = _counts(found.people), dict(topics)
    found.weeks = _weeks(found.week_people)
    return found


def _erased(db: DbSession) -> dict[tuple[str, Cell], Marks]:
    row = ClarityPerson
    columns = (row.person, row.instruction_id, row.wording_version, row.healing_day, row.channel)
    left = db.execute(select(*columns, row.explicit, row.implicit).where(row.person.startswith(ERASED)))
    return {(person, (rule, version, day, channel)): (e, i) for person, rule, version, day, channel, e, i in left}


def _erased_weeks(db: DbSession) -> dict[tuple[str, Week], Marks]:
    row = ClarityWeekPerson
    columns = (row.person, row.instruction_id, row.week, row.confused, row.handed_over)
    left = db.execute(select(*columns).where(row.person.startswith(ERASED)))
    return {(person, (rule, week)): (confused, over) for person, rule, week, confused, over in left}


def _shown(db: DbSession) -> dict[int, list[Any]]:
    """The deliveries of each message."""
    shown: defaultdict[int, list[Any]] = defaultdict(list)
    columns = (Delivery.id, Delivery.message_id, Delivery.instruction_id, Delivery.wording_version)
    query = select(*columns, Delivery.healing_day, Delivery.channel, Delivery.delivered_at).order_by(Delivery.id)
    for delivery in db.execute(query.execution_options(yield_per=2000)):
        shown[delivery.message_id].append(delivery)
    return shown


def _replay(found: Recount, zone: ZoneInfo, person: str, talk: list[Any], shown: dict[int, list[Any]]) -> None:
    """Whom the wordings of one conversation reached and confused."""
    earlier: list[Said] = []
    known: dict[int, tuple[Cell, Week]] = {}
    for last, message in zip([None, *talk], talk, strict=False):
        if message.author == "patient":
            continue
        deliveries = shown.get(message.id, [])
        for delivery in deliveries:
            place = cell_of(delivery), (delivery.instruction_id, week_of(delivery.delivered_at, zone))
            known[delivery.id] = place
            found.people.setdefault((person, place[0]), NOTHING)
            found.week_people.setdefault((person, place[1]), NOTHING)
        reply = said_of(message, deliveries)
        if last is not None and last.author == "patient":
            for signal in signals(reply, earlier):
                cell, week = known[signal.delivery]
                found.signals.add((signal.delivery, last.id, signal.kind, cell[0], message.sent_at))
                found.people[person, cell] = joined(found.people[person, cell], marks_of(signal.kind))
                found.week_people[person, week] = joined(found.week_people[person, week], (True, False))
            for number in handed_over(reply, earlier):
                week = known[number][1]
                found.week_people[person, week] = joined(found.week_people[person, week], (False, True))
        earlier.append(reply)


def _months(
    found: Recount,
    topics: Counter[tuple[date, str, int]],
    zone: ZoneInfo,
    who: tuple[str, str, str],
    talk: list[Any],
) -> None:
    """The turns of one conversation, by month."""
    for last, message in pairwise(talk):
        if last.author != "patient" or message.author != "assistant":
            continue
        turn, month = tally(message.trace, message.outcome), month_of(message.sent_at, zone)
        turns, needed, missed = found.talks.get((month, *who), (0, 0, 0))
        found.talks[month, *who] = turns + 1, needed + turn.needed_person, missed + turn.missed
        topics.update((month, *topic) for topic in turn.topics)
        if turn.missed:
            found.missed.add((last.id, month))


def _counts(people: dict[tuple[str, Cell], Marks]) -> dict[Cell, Count]:
    by_wording: defaultdict[tuple[str, str, int], dict[Cell, Marks]] = defaultdict(dict)
    for (person, cell), marks in people.items():
        by_wording[person, cell[0], cell[1]][cell] = marks
    counts: dict[Cell, Count] = {}
    for rows in by_wording.values():
        for cell, count in person_counts(rows).items():
            counts[cell] = _plus(counts.get(cell, Count()), count)
    return counts


def _plus(one: Count, two: Count) -> Count:
    return Count(*(getattr(one, name) + getattr(two, name) for name in NUMBERS))


def _weeks(people: dict[tuple[str, Week], Marks]) -> dict[Week, tuple[int, int, int]]:
    weeks: dict[Week, tuple[int, int, int]] = {}
    for (_, week), (confused, over) in people.items():
        before = weeks.get(week, (0, 0, 0))
        weeks[week] = before[0] + 1, before[1] + confused, before[2] + over
    return weeks


def rebuild(db: DbSession) -> None:
    """Fill the counters' tables anew. No reply can be stored meanwhile, so that none is counted twice or not at all."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("lock table message in share row exclusive mode"))
    # On SQLite the first deletion takes the lock for writing.
    db.execute(delete(ClaritySignal))
    # Before the rest goes, for it reads what erased people left.
    found = recount(db)
    for counter in CLARITY + MONTHS:
        db.execute(delete(counter))
    for table, rows in _rows(found):
        for some in batched(rows, ROWS_AT_ONCE, strict=False):
            db.execute(insert(table), some)


def _rows(found: Recount) -> Iterator[tuple[type[Base], Iterable[dict[str, Any]]]]:
    """The rows of each table."""
    marks = ("explicit", "implicit"), ("confused", "handed_over")
    yield (
        ClarityPerson,
        ({**key_of(c), "person": p, **_named(marks[0], m)} for (p, c), m in found.people.items()),
    )
    yield ClarityCount, ({**key_of(cell), **{n: getattr(c, n) for n in NUMBERS}} for cell, c in found.counts.items())
    names = ("delivery_id", "message_id", "kind", "instruction_id", "at")
    yield ClaritySignal, (_named(names, signal) for signal in sorted(found.signals))
    week = ("instruction_id", "week")
    people = found.week_people.items()
    yield ClarityWeekPerson, ({**_named(week, w), "person": p, **_named(marks[1], m)} for (p, w), m in people)
    numbers = ("shown", *marks[1])
    yield ClarityWeek, ({**_named(week, w), **_named(numbers, n)} for w, n in found.weeks.items())
    talk = ("month", "conversation_id", "person", "channel")
    yield MonthTalk, ({**_named(talk, t), **_named(TALK_NUMBERS, n)} for t, n in found.talks.items())
    yield MonthTopic, ({**_named(("month", "label", "days"), t), "asked": n} for t, n in found.topics.items())
    yield MonthMissed, (_named(("message_id", "month"), missed) for missed in sorted(found.missed))


def _named(names: tuple[str, ...], values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(names, values, strict=True))
