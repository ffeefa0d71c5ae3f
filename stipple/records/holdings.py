"""Everything that is held of a patient, table by table: what an export contains and what erasing takes away.

A new table that refers to a patient, a conversation, a message, a delivery or an alert, directly or through another
table, needs one line in `HELD`, above the tables that it refers to; a test fails until it has one. Columns that refer
to a member of staff's account are exported as ``staff`` by themselves, names of staff in text columns when ``staff``
lists the column, and names within what staff wrote when ``notes`` does.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Select, Table, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as DbSession

from stipple.records.clarity_models import ERASED, ClarityPerson, ClaritySignal, ClarityWeekPerson
from stipple.records.lesson_models import Lesson
from stipple.records.models import (
    Alert,
    Base,
    Consent,
    Conversation,
    Course,
    Delivery,
    Message,
    Override,
    Patient,
    Session,
    SignIn,
    SignInLink,
)
from stipple.records.month_models import MonthMissed, MonthTalk, MonthTopic
from stipple.records.months import month_of, tally, zone_of
from stipple.records.resolution_models import Keeping, Resolution
from stipple.records.review_models import Decision, MessageComment, MessageTag, Review
from stipple.records.staff_models import Handled, Staff, Upload

STAFF = "staff"


@dataclass(frozen=True)
class Owner:
    """The patient whose rows are meant."""

    id: str
    reference: str

    @property
    def talks(self) -> Select[str]:
        """Their conversations."""
        return select(Conversation.id).where(Conversation.patient_id == self.id)

    @property
    def messages(self) -> Select[int]:
        """The messages of their conversations."""
        return select(Message.id).where(Message.conversation_id.in_(self.talks))


Whose = Callable[[Owner], ColumnElement[bool]]
Go = Callable[[DbSession, "Held", Owner], None]


def by_patient(column: InstrumentedAttribute[str]) -> Whose:
    """Rows whose ``column`` is the patient."""
    return lambda owner: column == owner.id


def by_talk(column: InstrumentedAttribute[str]) -> Whose:
    """Rows whose ``column`` is one of the patient's conversations."""
    return lambda owner: column.in_(owner.talks)


def by_message(column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> Whose:
    """Rows whose ``column`` is a message of the patient's conversations."""
    return lambda owner: column.in_(owner.messages)


def _of_deliveries(owner: Owner) -> ColumnElement[bool]:
    return ClaritySignal.delivery_id.in_(select(Delivery.id).where(Delivery.conversation_id.in_(owner.talks)))


def _of_courses(owner: Owner) -> ColumnElement[bool]:
    return Session.course_id.in_(select(Course.id).where(Course.patient_id == owner.id))


def by_person(column: InstrumentedAttribute[str]) -> Whose:
    """Rows that count the patient; a conversation that became theirs later was counted as a visitor's."""
    return lambda owner: or_(column == owner.id, column.in_(owner.talks))


def _names_them(owner: Owner) -> ColumnElement[bool]:
    return Upload.content.icontains(owner.reference, autoescape=True)


def _drop(db: DbSession, held: "Held", owner: Owner) -> None:
    gone = delete(held.table).where(held.whose(owner))
    db.execute(gone.execution_options(synchronize_session=False))


def _make_anonymous(*group: InstrumentedAttribute[Any]) -> Go:
    """Leave the totals of the clarity pages as they are.

    A person is counted within one ``group`` only, a wording or an instruction's week, so in each they get another
    random name: no row tells which others were the same patient's.
    """

    def go(db: DbSession, held: "Held", owner: Owner) -> None:
        person = held.sql.c.person
        for name, *values in db.execute(select(person, *group).where(held.whose(owner)).distinct()).all():
            mine = (column == value for column, value in zip(group, values, strict=True))
            renamed = update(held.table).where(person == name, *mine).values(person=ERASED + secrets.token_hex(12))
            db.execute(renamed.execution_options(synchronize_session=False))

    return go


@dataclass(frozen=True)
class Held:
    """A table with something of a patient. ``label`` is what its rows are called, ``hidden`` is never exported."""

    table: type[Base]
    label: str
    whose: Whose
    staff: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    go: Go = _drop

    @property
    def sql(self) -> Table:
        """The table itself."""
        found = self.table.__table__
        if not isinstance(found, Table):
            raise TypeError(f"{self.table.__name__} is no table")
        return found

    @property
    def goes(self) -> bool:
        """Whether its rows go, and not only whose they are."""
        return self.go is _drop


# In the order in which rows must go: whatever refers to another table stands above it.
HELD = (
    Held(Upload, "uploaded files", _names_them, hidden=("name", "content", "columns", "preview", "id")),
    Held(
        ClarityPerson,
        "wordings shown",
        by_person(ClarityPerson.person),
        hidden=("person",),
        go=_make_anonymous(ClarityPerson.instruction_id, ClarityPerson.wording_version),
    ),
    Held(
        ClarityWeekPerson,
        "weeks of wordings shown",
        by_person(ClarityWeekPerson.person),
        hidden=("person",),
        go=_make_anonymous(ClarityWeekPerson.instruction_id, ClarityWeekPerson.week),
    ),
    Held(
        Lesson,
        "lessons from their words",
        by_message(Lesson.message_id),
        ("proposed_by", "decided_by"),
        notes=("text", "reason"),
    ),
    Held(MonthMissed, "messages not understood", by_message(MonthMissed.message_id)),
    Held(MonthTalk, "active months", by_talk(MonthTalk.conversation_id), hidden=("person",)),
    Held(MessageTag, "tags", by_message(MessageTag.message_id)),
    Held(MessageComment, "comments of staff", by_message(MessageComment.message_id), notes=("text",)),
    Held(Decision, "settled verdicts", by_talk(Decision.conversation_id)),
    Held(Review, "verdicts", by_talk(Review.conversation_id), notes=("note",)),
    Held(Resolution, "resolved inbox items", by_talk(Resolution.conversation_id), notes=("note",)),
    Held(Keeping, "inbox items looked after", by_message(Keeping.message_id)),
    Held(Handled, "answered calls for a person", by_message(Handled.message_id)),
    Held(ClaritySignal, "signs of confusion", _of_deliveries),
    Held(Delivery, "instructions shown", by_talk(Delivery.conversation_id)),
    Held(Alert, "danger signs", by_talk(Alert.conversation_id), ("taken_by", "closed_by"), ("outcome",)),
    Held(SignIn, "signed-in browsers", by_talk(SignIn.conversation_id), hidden=("token_hash",)),
    Held(SignInLink, "sign-in links", by_patient(SignInLink.patient_id), ("made_by",), hidden=("token_hash",)),
    Held(Message, "messages", by_talk(Message.conversation_id), hidden=("client_id",)),
    Held(Conversation, "conversations", lambda owner: Conversation.patient_id == owner.id),
    Held(Consent, "consents", by_patient(Consent.patient_id), ("noted_by",), ("how",)),
    Held(Override, "own rules", by_patient(Override.patient_id), ("author", "ended_by"), ("text", "reason")),
    Held(Session, "sessions", _of_courses, ("practitioner",)),
    Held(Course, "courses", by_patient(Course.patient_id)),
    Held(Patient, "record", by_patient(Patient.id)),
)
# What has to do with patients and still is not on the list, and why.
NOT_HELD = {
    "audit": "who did what and when: it holds no word and no name, and must outlive whatever it tells of",
    "clarity_count": "numbers of people, without a person",
    "engine_leftover": "random names of conversations that are gone, until the engine has forgotten them too",
}
ROOTS = ("patient", "conversation", "message", "delivery", "alert")


def unlisted(metadata: MetaData) -> set[str]:
    """Tables that refer to a patient's rows, however indirectly, and stand on neither list."""
    reached = set(ROOTS)
    while more := {
        table.name
        for table in metadata.tables.values()
        if table.name not in reached and {key.column.table.name for key in table.foreign_keys} & reached
    }:
        reached |= more
    return reached - {held.sql.name for held in HELD} - set(NOT_HELD)


def erase_rows(db: DbSession, owner: Owner) -> None:
    """Take away every row of the patient's, or whose it was."""
    _uncount_topics(db, owner)
    for held in HELD:
        held.go(db, held, owner)


def _uncount_topics(db: DbSession, owner: Owner) -> None:
    """The monthly reports count the patient's questions no longer: there is nothing left to recount them from."""
    zone, asked = zone_of(db), Counter[tuple[date, str, int]]()
    columns = (Message.conversation_id, Message.author, Message.trace, Message.outcome, Message.sent_at)
    told = select(*columns).where(Message.conversation_id.in_(owner.talks))
    for last, reply in pairwise(db.execute(told.order_by(Message.conversation_id, Message.sequence))):
        if last.conversation_id == reply.conversation_id and (last.author, reply.author) == ("patient", "assistant"):
            month = month_of(reply.sent_at, zone)
            asked.update((month, *topic) for topic in tally(reply.trace, reply.outcome).topics)
    for (month, label, days), times in sorted(asked.items()):
        mine = (MonthTopic.month == month, MonthTopic.label == label, MonthTopic.days == days)
        db.execute(update(MonthTopic).where(*mine).values(asked=MonthTopic.asked - times))
    db.execute(delete(MonthTopic).where(MonthTopic.asked <= 0))


def count_rows(db: DbSession, owner: Owner) -> dict[str, int]:
    """How many rows of each table would go, by what they are called; the record first."""
    counted = {h.label: select(func.count()).select_from(h.sql).where(h.whose(owner)) for h in HELD if h.goes}
    return {label: db.scalar(query) or 0 for label, query in reversed(counted.items())}


def read_rows(db: DbSession, owner: Owner) -> dict[str, list[dict[str, Any]]]:
    """Every row of the patient's by table, the record first: without secrets, and with nobody of the staff named."""
    found = {held.sql.name: [*_rows(db, held, owner)] for held in reversed(HELD)}
    names = _staff_names(db, found)
    return {h.sql.name: [_without_names(h, row, names) for row in found[h.sql.name]] for h in reversed(HELD)}


def _rows(db: DbSession, held: Held, owner: Owner) -> Iterator[dict[str, Any]]:
    columns = [c for c in held.sql.columns if c.name not in held.hidden]
    order = held.sql.primary_key.columns
    for row in db.execute(select(*columns).where(held.whose(owner)).order_by(*order)).mappings():
        yield {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _staff_names(db: DbSession, found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Names of accounts, and of whoever the patient's record names; longer ones first."""
    told = (row[column] for h in HELD for row in found[h.sql.name] for column in h.staff)
    return sorted({name for name in (*db.scalars(select(Staff.name)), *told) if name}, key=len, reverse=True)


def _without_names(held: Held, row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    accounts = {c.name for c in held.sql.columns if any(k.column.table.name == "staff" for k in c.foreign_keys)}
    told = {}
    for column, value in row.items():
        if value is not None and (column in accounts or column in held.staff):
            told[column] = STAFF
        elif value is not None and column in held.notes:
            told[column] = _unnamed(value, names)
        else:
            told[column] = value
    return told


def _unnamed(text: str, names: list[str]) -> str:
    for name in names:
        text = text.replace(name, STAFF)
    return text
