"""Counting whom each wording confused, with each message that is stored.

`count_reply` moves the counters by what one reply changes. `stipple.records.clarity_recount` works them out from
messages and deliveries alone; both must always agree, which the tests hold them to.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.confusion import EXPLICIT, MOST_BACK, Said, Shown, handed_over, signals
from stipple.care.days import first_of_group
from stipple.records.clarity_models import (
    EVERY_CHANNEL,
    EVERY_DAY,
    NO_DAY,
    ClarityCount,
    ClarityPerson,
    ClaritySignal,
    ClarityWeek,
    ClarityWeekPerson,
    group_key,
)
from stipple.records.conversations import answered
from stipple.records.models import Conversation, Delivery, Message, Patient
from stipple.records.months import add, week_of, zone_of

# Instruction, wording version, healing day, channel.
Cell = tuple[str, int, int, str]
# Confused explicitly, confused implicitly; of a week: confused, handed over to a person.
Marks = tuple[bool, bool]
# Instruction, Monday of the week.
Week = tuple[str, date]
NOTHING: Marks = (False, False)
NUMBERS = tuple(f.name for f in fields(Count))


def count_reply(db: DbSession, reply: Message) -> None:
    """Count what ``reply`` showed, and what it tells about the replies before it.

    Call it in the transaction that stores the reply, after its deliveries.
    """
    shown = _deliveries(db, [reply.id])
    asked, earlier = _before(db, reply)
    said, before = said_of(reply, shown), _all_said(db, earlier)
    found, over = (signals(said, before), handed_over(said, before)) if asked else ([], [])
    if not shown and not found and not over:
        return
    numbers = {s.delivery for s in found} | set(over)
    marked = {d.id: d for d in db.scalars(select(Delivery).where(Delivery.id.in_(numbers)))}
    zone = zone_of(db)
    news: defaultdict[Cell, Marks] = defaultdict(lambda: NOTHING)
    weeks: defaultdict[Week, Marks] = defaultdict(lambda: NOTHING)
    for delivery in shown:
        news[cell_of(delivery)] = weeks[delivery.instruction_id, week_of(delivery.delivered_at, zone)] = NOTHING
    for signal in found:
        delivery = marked[signal.delivery]
        news[cell_of(delivery)] = joined(news[cell_of(delivery)], marks_of(signal.kind))
        week = delivery.instruction_id, week_of(delivery.delivered_at, zone)
        weeks[week] = joined(weeks[week], (True, False))
        row = {"delivery_id": delivery.id, "message_id": asked, "kind": signal.kind, "at": reply.sent_at}
        db.add(ClaritySignal(instruction_id=delivery.instruction_id, **row))
    for delivery in (marked[number] for number in over):
        week = delivery.instruction_id, week_of(delivery.delivered_at, zone)
        weeks[week] = joined(weeks[week], (False, True))
    person = _lock_person(db, reply.conversation_id)
    for (instruction, version), group in groupby(sorted(news), key=lambda cell: cell[:2]):
        _count(db, person, instruction, version, {cell: news[cell] for cell in group})
    for week in sorted(weeks):
        _count_week(db, person, week, weeks[week])


def cell_of(delivery: Delivery) -> Cell:
    """Where a delivery is counted."""
    day = NO_DAY if delivery.healing_day is None else delivery.healing_day
    return delivery.instruction_id, delivery.wording_version, day, delivery.channel


def _before(db: DbSession, reply: Message) -> tuple[int | None, list[Message]]:
    """The patient's message that ``reply`` answers, and the clinic's messages before it, oldest first."""
    earlier = (Message.conversation_id == reply.conversation_id, Message.sequence < reply.sequence)
    replies = select(Message).where(*earlier, Message.author != "patient").order_by(Message.sequence.desc())
    return answered(db, reply), list(reversed(db.scalars(replies.limit(MOST_BACK)).all()))


def _deliveries(db: DbSession, messages: Sequence[int]) -> list[Delivery]:
    return list(db.scalars(select(Delivery).where(Delivery.message_id.in_(messages)).order_by(Delivery.id)))


def _all_said(db: DbSession, messages: list[Message]) -> list[Said]:
    shown: defaultdict[int, list[Delivery]] = defaultdict(list)
    for delivery in _deliveries(db, [m.id for m in messages]):
        shown[delivery.message_id].append(delivery)
    return [said_of(m, shown[m.id]) for m in messages]


def said_of(message: Message, shown: Iterable[Delivery]) -> Said:
    """A message of the clinic's side as `stipple.care.confusion` reads it."""
    found = tuple(Shown(d.id, d.instruction_id, d.healing_day) for d in shown)
    return Said(message.sent_at, message.text, message.trace, found, message.outcome)


def marks_of(kind: str) -> Marks:
    """What one signal marks a person with."""
    return kind in EXPLICIT, kind not in EXPLICIT


def joined(one: Marks, two: Marks) -> Marks:
    """Confused by either."""
    return one[0] or two[0], one[1] or two[1]


def _lock_person(db: DbSession, conversation_id: str) -> str:
    """Who is counted, held until the end of the transaction, so that two channels at once count them once.

    On SQLite the stored reply holds the lock for writing already.
    """
    patient = select(Conversation.patient_id).where(Conversation.id == conversation_id).scalar_subquery()
    found = db.scalar(select(Patient.id).where(Patient.id == patient).with_for_update(key_share=True))
    return found or conversation_id


def _count(db: DbSession, person: str, instruction: str, version: int, news: dict[Cell, Marks]) -> None:
    """Bring one person's rows of one wording up to date, and move the counters by what that changes."""
    mine = (ClarityPerson.instruction_id == instruction, ClarityPerson.wording_version == version)
    rows = {
        (instruction, version, row.healing_day, row.channel): row
        for row in db.scalars(select(ClarityPerson).where(*mine, ClarityPerson.person == person))
    }
    before: dict[Cell, Marks] = {cell: (row.explicit, row.implicit) for cell, row in rows.items()}
    after = before | {cell: joined(before.get(cell, (False, False)), marks) for cell, marks in news.items()}
    if after == before:
        return
    for cell in news:
        if cell not in rows:
            rows[cell] = ClarityPerson(**key_of(cell), person=person)
            db.add(rows[cell])
        rows[cell].explicit, rows[cell].implicit = after[cell]
    old, new = person_counts(before), person_counts(after)
    nobody = Count()
    changes = {cell: _minus(count, old.get(cell, nobody)) for cell, count in new.items()}
    db.flush()
    # Always in the same order, so that two transactions do not wait for each other.
    for cell in sorted(cell for cell, change in changes.items() if change != nobody):
        _add_to_counter(db, cell, changes[cell])


def _count_week(db: DbSession, person: str, week: Week, news: Marks) -> None:
    """Bring one person's row of one week up to date, and move the week's counter by what that changes."""
    instruction, monday = week
    row = db.get(ClarityWeekPerson, (instruction, monday, person))
    before = (row.confused, row.handed_over) if row else NOTHING
    after = joined(before, news)
    if row and after == before:
        return
    changes = {"shown": int(row is None)}
    changes |= {n: int(a) - int(b) for n, a, b in zip(("confused", "handed_over"), after, before, strict=True)}
    if row is None:
        row = ClarityWeekPerson(instruction_id=instruction, week=monday, person=person)
        db.add(row)
    row.confused, row.handed_over = after
    db.flush()
    add(db, ClarityWeek, {"week": monday, "instruction_id": instruction}, changes)


def key_of(cell: Cell) -> dict[str, Any]:
    """A cell as the tables' columns."""
    return dict(zip(("instruction_id", "wording_version", "healing_day", "channel"), cell, strict=True))


def within(cell: Cell) -> Iterator[Cell]:
    """The counters that a person of ``cell`` stands in: it, its healing day's, its group of days', its wording's."""
    instruction, version, day, _ = cell
    yield cell
    yield instruction, version, day, EVERY_CHANNEL
    group = NO_DAY if day == NO_DAY else group_key(first_of_group(day))
    if group not in (NO_DAY, day):
        yield instruction, version, group, EVERY_CHANNEL
    yield instruction, version, EVERY_DAY, EVERY_CHANNEL


def person_counts(rows: dict[Cell, Marks]) -> dict[Cell, Count]:
    """What one person adds to each counter: one at most, wherever and however often they were shown the wording."""
    marks: dict[Cell, Marks] = {}
    for cell, mark in rows.items():
        for counter in within(cell):
            marks[counter] = joined(marks.get(counter, mark), mark)
    return {cell: Count(1, int(e), int(i), int(e or i)) for cell, (e, i) in marks.items()}


def _minus(one: Count, two: Count) -> Count:
    return Count(*(getattr(one, name) - getattr(two, name) for name in NUMBERS))


def _add_to_counter(db: DbSession, cell: Cell, change: Count) -> None:
    add(db, ClarityCount, key_of(cell), {name: getattr(change, name) for name in NUMBERS})
