"""Working out the clarity tables from all messages and deliveries, and from what erased people left of themselves.

This is what the counting of `stipple.records.clarity` must come to. It also counts what was stored before there were
counters, or in bulk.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched, groupby
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session as DbSession

from stipple.care.clarity import Count
from stipple.care.confusion import Said, signals
from stipple.records.clarity import NUMBERS, Cell, Marks, cell_of, joined, key_of, marks_of, person_counts, said_of
from stipple.records.clarity_models import ERASED, ClarityCount, ClarityPerson, ClaritySignal
from stipple.records.models import Base, Conversation, Delivery, Message

ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class Recount:
    """Everything the clarity tables should hold."""

    people: dict[tuple[str, Cell], Marks]
    counts: dict[Cell, Count]
    signals: set[tuple[int, int, str, str]]


def recount(db: DbSession) -> Recount:
    """Work out the tables from all messages and deliveries. Of who was erased only their rows are left: they stay."""
    shown: defaultdict[int, list[Delivery]] = defaultdict(list)
    cells: dict[int, Cell] = {}
    for delivery in db.scalars(select(Delivery).order_by(Delivery.id)):
        shown[delivery.message_id].append(delivery)
        cells[delivery.id] = cell_of(delivery)
    persons = {row.id: row.patient_id or row.id for row in db.execute(select(Conversation.id, Conversation.patient_id))}
    people = _erased(db)
    found: set[tuple[int, int, str, str]] = set()
    told = select(Message).order_by(Message.conversation_id, Message.sequence)
    messages = db.scalars(told.execution_options(yield_per=2000))
    for conversation_id, talk in groupby(messages, key=lambda m: m.conversation_id):
        person = persons[conversation_id]
        for asked, delivery_id, kind in _replay(talk, shown, people, person):
            cell = cells[delivery_id]
            found.add((delivery_id, asked, kind, cell[0]))
            people[person, cell] = joined(people[person, cell], marks_of(kind))
    return Recount(people, _counts(people), found)


def _erased(db: DbSession) -> dict[tuple[str, Cell], Marks]:
    row = ClarityPerson
    columns = (row.person, row.instruction_id, row.wording_version, row.healing_day, row.channel)
    left = db.execute(select(*columns, row.explicit, row.implicit).where(row.person.startswith(ERASED)))
    return {(person, (rule, version, day, channel)): (e, i) for person, rule, version, day, channel, e, i in left}


def _replay(
    talk: Iterable[Message],
    shown: dict[int, list[Delivery]],
    people: dict[tuple[str, Cell], Marks],
    person: str,
) -> Iterator[tuple[int, int, str]]:
    """The signals of one conversation; notes the person under each delivery on the way."""
    earlier: list[Said] = []
    last: Message | None = None
    for message in talk:
        if message.author != "patient":
            deliveries = shown.get(message.id, [])
            for delivery in deliveries:
                people.setdefault((person, cell_of(delivery)), (False, False))
            reply = said_of(message, deliveries)
            if last is not None and last.author == "patient":
                for signal in signals(reply, earlier):
                    yield last.id, signal.delivery, signal.kind
            earlier.append(reply)
        last = message


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


def rebuild(db: DbSession) -> None:
    """Fill the clarity tables anew. No reply can be stored meanwhile, so that none is counted twice or not at all."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("lock table message in share row exclusive mode"))
    # On SQLite the first deletion takes the lock for writing.
    db.execute(delete(ClaritySignal))
    found = recount(db)
    for emptied in (ClarityPerson, ClarityCount):
        db.execute(delete(emptied))
    people = (
        {**key_of(cell), "person": person, "explicit": marks[0], "implicit": marks[1]}
        for (person, cell), marks in found.people.items()
    )
    counts = ({**key_of(cell), **{n: getattr(c, n) for n in NUMBERS}} for cell, c in found.counts.items())
    names = ("delivery_id", "message_id", "kind", "instruction_id")
    given = (dict(zip(names, signal, strict=True)) for signal in sorted(found.signals))
    for table, rows in ((ClarityPerson, people), (ClarityCount, counts), (ClaritySignal, given)):
        _insert(db, table, rows)


def _insert(db: DbSession, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for some in batched(rows, ROWS_AT_ONCE, strict=False):
        db.execute(insert(table), some)
