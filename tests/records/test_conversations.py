"""The conversation log: order, repeated messages, offered choices, deliveries, and the patient behind it."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from stipple.records.conversations import (
    Before,
    add_deliveries,
    add_message,
    came_before,
    messages_after,
    offered_choice,
    repeated,
    start_conversation,
)
from stipple.records.database import Database
from stipple.records.models import Conversation, Course, Delivery, Instruction, Message, Patient
from stipple.records.patients import record_of_conversation, set_goal

from .conftest import NOW

AddPatient = Callable[[str], Patient]
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def talks(database: Database) -> list[str]:
    """Ids of two anonymous conversations."""
    with database.begin() as db:
        return [start_conversation(db, "web", NOW).id for _ in range(2)]


def offer(database: Database, conversation: str, *choices: str, author: str = "assistant") -> None:
    with database.begin() as db:
        offered = [{"id": c, "title": f"Title {c}", "payload": f"/{c}"} for c in choices]
        add_message(db, conversation, author, "Which one?", NOW, choices=offered)


def test_messages_are_numbered_within_their_conversation(database: Database, talks: list[str]) -> None:
    with database.begin() as db:
        for number, talk in enumerate([talks[0], talks[1], talks[0], talks[0]]):
            add_message(db, talk, "patient", f"Message {number}", NOW)
    with database.begin() as db:
        found = [[(m.sequence, m.text) for m in messages_after(db, talk, 0)] for talk in talks]
    assert found == [[(1, "Message 0"), (2, "Message 2"), (3, "Message 3")], [(1, "Message 1")]]


def test_two_messages_cannot_have_the_same_number(database: Database, talks: list[str]) -> None:
    with database.begin() as db:
        add_message(db, talks[0], "patient", "Hello", NOW)
    with pytest.raises(IntegrityError), database.begin() as db:
        db.add(Message(conversation_id=talks[0], sequence=1, author="assistant", text="Hi", sent_at=NOW))


@pytest.mark.parametrize(
    ("after", "limit", "expected"), [(0, 200, [1, 2, 3, 4]), (2, 200, [3, 4]), (1, 2, [2, 3]), (9, 1, [])]
)
def test_messages_come_oldest_first_from_a_number_on(
    database: Database, talks: list[str], after: int, limit: int, expected: list[int]
) -> None:
    with database.begin() as db:
        for _ in range(4):
            add_message(db, talks[0], "patient", "Hello", NOW)
        assert [m.sequence for m in messages_after(db, talks[0], after, limit)] == expected


def test_a_message_keeps_what_it_was_told(database: Database, talks: list[str]) -> None:
    trace = [{"kind": "aftercare", "topic": "water", "asked_day": 5, "confidence": 0.5, "override": None}]
    with database.begin() as db:
        add_message(db, talks[0], "assistant", "Ruhig – 好 👍", NOW, trace=trace, outcome="answered")
    with database.begin() as db:
        message = db.scalars(select(Message)).one()
    assert (message.text, message.trace, message.outcome, message.choices) == ("Ruhig – 好 👍", trace, "answered", [])
    assert message.sent_at == NOW


def test_a_repeated_client_id_is_found_only_in_its_conversation(database: Database, talks: list[str]) -> None:
    with database.begin() as db:
        sent = add_message(db, talks[0], "patient", "Hello", NOW, client_id="client-1")
        add_message(db, talks[0], "assistant", "Hi", NOW)
    with database.begin() as db:
        found = repeated(db, talks[0], "client-1")
        assert found is not None
        assert found.id == sent.id
        assert repeated(db, talks[0], "client-2") is None
        assert repeated(db, talks[1], "client-1") is None


def test_a_client_id_is_stored_once_in_a_conversation(database: Database, talks: list[str]) -> None:
    with database.begin() as db:
        add_message(db, talks[0], "patient", "Hello", NOW, client_id="client-1")
        add_message(db, talks[1], "patient", "Hello", NOW, client_id="client-1")
    with pytest.raises(IntegrityError), database.begin() as db:
        add_message(db, talks[0], "patient", "Hello", NOW, client_id="client-1")


def test_an_offered_choice_is_found(database: Database, talks: list[str]) -> None:
    offer(database, talks[0], "one", "two")
    offer(database, talks[0], "three")
    with database.begin() as db:
        assert offered_choice(db, talks[0], "two") == {"id": "two", "title": "Title two", "payload": "/two"}


def test_a_choice_of_another_conversation_was_not_offered_here(database: Database, talks: list[str]) -> None:
    offer(database, talks[1], "one")
    with database.begin() as db:
        assert offered_choice(db, talks[0], "one") is None
        assert offered_choice(db, talks[1], "none") is None


def test_only_the_assistant_offers_choices(database: Database, talks: list[str]) -> None:
    offer(database, talks[0], "one", author="patient")
    with database.begin() as db:
        assert offered_choice(db, talks[0], "one") is None


def exchange(database: Database, conversation: str, outcome: str = "answered", kind: str = "aftercare") -> None:
    """A message and its reply, which speaks of a hat."""
    trace = [{"kind": kind, "topic": "hat", "rule_id": "aftercare/hat/0-"}, {"kind": "smalltalk"}]
    with database.begin() as db:
        add_message(db, conversation, "patient", "my cap?", NOW)
        add_message(db, conversation, "assistant", "Yes.", NOW, outcome=outcome, trace=trace)


@pytest.mark.parametrize("outcome", ["answered", "safety"])
def test_what_was_answered_last_is_what_the_next_message_may_go_on_from(
    database: Database, talks: list[str], outcome: str
) -> None:
    exchange(database, talks[0], outcome)
    with database.begin() as db:
        assert came_before(db, talks[0], NOW) == Before("my cap?", ("aftercare/hat",))
        assert came_before(db, talks[0], NOW + timedelta(hours=2)) is None
        assert came_before(db, talks[1], NOW) is None


@pytest.mark.parametrize("facts", [{"outcome": "fallback"}, {"kind": "ask_back"}])
def test_nothing_goes_on_from_a_fallback_or_a_question(
    database: Database, talks: list[str], facts: dict[str, str]
) -> None:
    exchange(database, talks[0], **facts)
    with database.begin() as db:
        assert came_before(db, talks[0], NOW) is None


def test_nothing_goes_on_from_what_staff_wrote_or_what_is_not_answered(database: Database, talks: list[str]) -> None:
    for talk, author in zip(talks, ("staff", "patient"), strict=True):
        exchange(database, talk)
        with database.begin() as db:
            add_message(db, talk, author, "and for how long", NOW)
            assert came_before(db, talk, NOW) is None


def deliver(database: Database, conversation: str, trace: list[dict[str, object]]) -> list[Delivery]:
    with database.begin() as db:
        db.add_all(
            Instruction(id=i, subject="aftercare", topic="water") for i in ("aftercare/water/0-3", "red_flag/pus")
        )
    with database.begin() as db:
        message = add_message(db, conversation, "assistant", "Dry.", NOW + timedelta(hours=1), trace=trace)
        add_deliveries(db, message, "web")
    with database.begin() as db:
        return list(db.scalars(select(Delivery).order_by(Delivery.id)))


def test_each_instruction_shown_is_noted_as_delivered(database: Database, talks: list[str]) -> None:
    rows = deliver(
        database,
        talks[0],
        [
            {"kind": "red_flag", "rule_id": "red_flag/pus", "wording_version": 1},
            {"kind": "aftercare", "rule_id": "aftercare/water/0-3", "wording_version": 4, "asked_day": 2},
        ],
    )
    assert [(r.instruction_id, r.wording_version, r.healing_day) for r in rows] == [
        ("red_flag/pus", 1, None),
        ("aftercare/water/0-3", 4, 2),
    ]
    assert {(r.conversation_id, r.channel, r.delivered_at) for r in rows} == {
        (talks[0], "web", NOW + timedelta(hours=1))
    }
    assert len({r.message_id for r in rows}) == 1


def test_what_shows_no_published_wording_is_no_delivery(database: Database, talks: list[str]) -> None:
    trace: list[dict[str, object]] = [
        {"kind": "smalltalk", "topic": "greet"},
        {"kind": "aftercare", "rule_id": "aftercare/water/0-3", "override": True},
        {"kind": "aftercare", "rule_id": "aftercare/unknown/0-", "wording_version": 1},
    ]
    assert deliver(database, talks[0], trace) == []


def test_a_conversation_leads_to_its_own_patients_record(database: Database, add_patient: AddPatient) -> None:
    with database.begin() as db:
        db.add(Course(patient_id=add_patient("P-1").id, goal="density", planned_sessions=4))
        db.add(Course(patient_id=add_patient("P-2").id, goal="hairline", planned_sessions=2))
    with database.begin() as db:
        patients = {p.reference: p.id for p in db.scalars(select(Patient))}
        known = start_conversation(db, "web", NOW, patients["P-2"])
        visitor = start_conversation(db, "web", NOW)
    with database.begin() as db:
        record = record_of_conversation(db, known.id, LONDON)
        assert record is not None
        assert [(c.goal, c.planned) for c in record.courses] == [("hairline", 2)]
        assert record_of_conversation(db, visitor.id, LONDON) is None
        assert record_of_conversation(db, "unknown", LONDON) is None


def test_a_goal_is_noted_on_the_own_course_only(database: Database, add_patient: AddPatient) -> None:
    with database.begin() as db:
        courses = [Course(patient_id=add_patient(r).id, planned_sessions=3) for r in ("P-1", "P-2")]
        db.add_all(courses)
    talk, _ = talks = [Conversation(patient_id=c.patient_id, channel="web", created_at=NOW) for c in courses]
    with database.begin() as db:
        db.add_all(talks)
    with database.begin() as db:
        assert set_goal(db, talk.id, courses[0].id, "density")
        assert not set_goal(db, talk.id, courses[1].id, "density")
    with database.begin() as db:
        assert [c.goal for c in db.scalars(select(Course).order_by(Course.id))] == ["density", None]
