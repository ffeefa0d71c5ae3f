"""The clarity counters: whatever is said, they hold what a count of everything comes to."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from stipple.care.clarity import ENOUGH, Count
from stipple.content.pack import Pack
from stipple.records.clarity import count_reply
from stipple.records.clarity_models import (
    EVERY_CHANNEL,
    EVERY_DAY,
    NO_DAY,
    ClarityCount,
    ClarityPerson,
    ClaritySignal,
    ClarityWeek,
    ClarityWeekPerson,
)
from stipple.records.clarity_recount import Recount, rebuild, recount
from stipple.records.conversations import add_deliveries, add_message
from stipple.records.database import Database
from stipple.records.models import Base, Clinic, Conversation, Delivery, Instruction, Message, Patient
from stipple.records.month_models import MonthMissed, MonthTalk, MonthTopic
from stipple.records.months import count_turn
from stipple.records.simulated import SimulationError, hardest, simulate
from stipple.records.wordings import publish_pack

from .conftest import NOW

RULES = ("aftercare/water/0-3", "aftercare/water/4-6", "aftercare/gym/0-", "red_flag/pus")
# Ann writes on two channels, Bea on one, and a visitor is nobody's patient.
TALKS = {"ann-web": ("ann", "web"), "ann-sms": ("ann", "sms"), "bea-web": ("bea", "web"), "visitor": (None, "web")}


@dataclass(frozen=True)
class Step:
    """Somebody says something: ``author`` None leaves the reply without a patient's message before it."""

    talk: str
    minutes: int
    asked: bool
    author: str
    text: str
    trace: tuple[dict[str, Any], ...]
    outcome: str = "answered"


def shown(rule: str, version: int, day: int | None, sure: float = 0.9) -> dict[str, Any]:
    kind, topic = rule.split("/")[:2]
    item = {"kind": kind, "topic": topic, "rule_id": rule, "wording_version": version, "confidence": sure}
    return item if day is None else item | {"asked_day": day}


ITEMS = st.one_of(
    st.builds(
        shown,
        st.sampled_from(RULES),
        st.sampled_from([1, 2]),
        st.sampled_from([None, 2, 5, 6, 40]),
        st.sampled_from([0.8, 0.9]),
    ),
    st.sampled_from(
        [
            {"kind": "unclear", "intent": "unclear", "rule_id": RULES[0]},
            {"kind": "unclear", "intent": "followup/why"},
            {"kind": "feedback", "topic": "not_helpful"},
            {"kind": "feedback", "topic": "clear"},
            {"kind": "contact", "topic": "person"},
            {"kind": "ask_back", "topic": "did_you_mean"},
            {"kind": "aftercare", "topic": "water", "asked_day": 2, "rule_id": RULES[0], "override": True},
            {"kind": "aftercare", "topic": "gym", "rule_id": "aftercare/unknown/0-", "wording_version": 1},
            {"kind": "red_flag", "topic": "pus", "urgency": "doctor"},
            {"kind": "healing_sign", "topic": "swelling", "urgency": "normal", "asked_day": 40},
        ]
    ),
)
STEPS = st.builds(
    Step,
    talk=st.sampled_from(["ann-web", "ann-web", *sorted(TALKS)]),
    minutes=st.sampled_from([0, 1, 1, 60, 1440, 4000, 20000]),
    asked=st.sampled_from([True, True, True, False]),
    author=st.sampled_from(["assistant", "assistant", "assistant", "staff"]),
    text=st.sampled_from(["Keep it dry.", "Because of the scabs."]),
    trace=st.lists(ITEMS, max_size=2).map(tuple),
    outcome=st.sampled_from(["answered", "answered", "safety", "fallback"]),
)


def start(database: Database) -> None:
    """Two patients, a visitor, and four instructions; whatever was there before is gone."""
    with database.begin() as db:
        for table in reversed(Base.metadata.sorted_tables):
            db.execute(table.delete())
        clinic = Clinic(name="Clinic", time_zone="Europe/London")
        db.add(clinic)
        db.flush()
        for name in ("ann", "bea"):
            db.add(Patient(id=name, clinic_id=clinic.id, reference=name, name=name, created_at=NOW))
        db.flush()
        for talk, (patient, channel) in TALKS.items():
            db.add(Conversation(id=talk, patient_id=patient, channel=channel, created_at=NOW))
        for rule in RULES:
            kind, topic = rule.split("/")[:2]
            db.add(Instruction(id=rule, subject=kind, topic=topic))


def play(database: Database, *steps: Step) -> None:
    """Store each step as the gateway does, in a transaction of its own."""
    now = NOW
    for step in steps:
        now += timedelta(minutes=step.minutes)
        with database.begin() as db:
            if step.asked:
                add_message(db, step.talk, "patient", "Hello", now)
            reply = add_message(
                db, step.talk, step.author, step.text, now, trace=list(step.trace), outcome=step.outcome
            )
            add_deliveries(db, reply, TALKS[step.talk][1])
            count_reply(db, reply)
            count_turn(db, reply)


def tables(database: Database) -> Recount:
    """What the tables hold."""
    with database.begin() as db:
        people = {
            (p.person, (p.instruction_id, p.wording_version, p.healing_day, p.channel)): (p.explicit, p.implicit)
            for p in db.scalars(select(ClarityPerson))
        }
        counts = {
            (c.instruction_id, c.wording_version, c.healing_day, c.channel): Count(
                c.shown, c.explicit, c.implicit, c.confused
            )
            for c in db.scalars(select(ClarityCount))
        }
        found = {
            (s.delivery_id, s.message_id, s.kind, s.instruction_id, s.at) for s in db.scalars(select(ClaritySignal))
        }
        more = (
            {
                (p.person, (p.instruction_id, p.week)): (p.confused, p.handed_over)
                for p in db.scalars(select(ClarityWeekPerson))
            },
            {(w.instruction_id, w.week): (w.shown, w.confused, w.handed_over) for w in db.scalars(select(ClarityWeek))},
            {
                (t.month, t.conversation_id, t.person, t.channel): (t.turns, t.needed_person, t.missed)
                for t in db.scalars(select(MonthTalk))
            },
            {(t.month, t.label, t.days): t.asked for t in db.scalars(select(MonthTopic))},
            {(m.message_id, m.month) for m in db.scalars(select(MonthMissed))},
        )
    return Recount(people, counts, found, *more)


def counted_anew(database: Database) -> Recount:
    with database.begin() as db:
        return recount(db)


def by_hand(database: Database) -> dict[tuple[str, int, int, str], Count]:
    """The counters from deliveries and signals, with sets of people and none of the code under test."""
    people: defaultdict[str, defaultdict[tuple[str, int, int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    with database.begin() as db:
        kinds = defaultdict(set)
        for signal in db.scalars(select(ClaritySignal)):
            kinds[signal.delivery_id].add(signal.kind)
        for d, talk in db.execute(select(Delivery, Conversation).join(Conversation)):
            day = -1 if d.healing_day is None else d.healing_day
            # Days 4 to 6 and those after 30 are groups of more than one day.
            group = -104 if day in (4, 5, 6) else -131 if day > 30 else day
            for cell in {(day, d.channel), (day, ""), (group, ""), (-2, "")}:
                key = (d.instruction_id, d.wording_version, *cell)
                people["shown"][key].add(talk.patient_id or talk.id)
                for kind in kinds[d.id]:
                    how = "explicit" if kind in ("unclear", "not_helpful") else "implicit"
                    people[how][key].add(talk.patient_id or talk.id)
    explicit, implicit = people["explicit"], people["implicit"]
    return {
        key: Count(len(shown), len(explicit[key]), len(implicit[key]), len(explicit[key] | implicit[key]))
        for key, shown in people["shown"].items()
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=8, max_size=40))
def test_counting_with_each_message_comes_to_what_counting_everything_does(
    database: Database, steps: list[Step]
) -> None:
    start(database)
    play(database, *steps)
    kept = tables(database)
    assert kept == counted_anew(database)
    assert kept.counts == by_hand(database)
    assert kept.weeks == weeks_by_hand(database)
    assert (kept.talks, kept.topics, kept.missed) == months_by_hand(database)
    with database.begin() as db:
        rebuild(db)
    assert tables(database) == kept


def london(at: datetime) -> date:
    return at.astimezone(ZoneInfo("Europe/London")).date()


def weeks_by_hand(database: Database) -> dict[tuple[str, date], tuple[int, int, int]]:
    """Of each week, who was shown an instruction, who was confused, and who needed a person, from what was said."""
    shown: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    confused: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    over: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    with database.begin() as db:
        marked = {s.delivery_id for s in db.scalars(select(ClaritySignal))}
        asked_for = {s.delivery_id for s in db.scalars(select(ClaritySignal).where(ClaritySignal.kind == "person"))}
        shows = {d.message_id for d in db.scalars(select(Delivery))}
        for d, talk in db.execute(select(Delivery, Conversation).join(Conversation)):
            day = london(d.delivered_at)
            key, person = (d.instruction_id, day - timedelta(days=day.weekday())), talk.patient_id or talk.id
            here = select(Message).where(Message.conversation_id == talk.id).order_by(Message.sequence)
            after = [m for m in db.scalars(here) if m.id >= d.message_id]
            shown[key].add(person)
            if d.id in marked:
                confused[key].add(person)
            if d.id in asked_for or fell_back_after(after, shows):
                over[key].add(person)
    return {key: (len(people), len(confused[key]), len(over[key])) for key, people in shown.items()}


def fell_back_after(talk: list[Message], shows: set[int]) -> bool:
    """Whether the assistant fell back while the patient still spoke of what the first message of ``talk`` showed."""
    still = [("feedback", "not_helpful"), ("ask_back", "did_you_mean")]
    for replies, (before, message) in enumerate((b, m) for b, m in pairwise(talk) if m.author != "patient"):
        if message.outcome == "fallback" and before.author == "patient" and replies < 20:
            return True
        about = [(t["kind"], t.get("topic")) for t in message.trace]
        if message.id in shows or not about or any(a[0] != "unclear" and a not in still for a in about):
            return False
    return False


def months_by_hand(database: Database) -> tuple[dict[Any, Any], dict[Any, int], set[tuple[int, date]]]:
    """Turns, topics and messages not understood, from what was said alone."""
    talks: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    topics: defaultdict[Any, int] = defaultdict(int)
    missed: set[tuple[int, date]] = set()
    groups = {None: -1, 2: 2, 5: 4, 6: 4, 40: 31}
    with database.begin() as db:
        for name, (patient, channel) in TALKS.items():
            talk = list(db.scalars(select(Message).where(Message.conversation_id == name).order_by(Message.sequence)))
            for asked, reply in pairwise(talk):
                if (asked.author, reply.author) != ("patient", "assistant"):
                    continue
                month = london(reply.sent_at).replace(day=1)
                about = [(t["kind"], t.get("topic")) for t in reply.trace]
                person = any(a in about for a in [("contact", "person"), ("red_flag", "pus")])
                lost = ("ask_back", "did_you_mean") in about
                row = talks[month, name, patient or name, channel]
                for place, adds in enumerate((True, person or reply.outcome == "fallback", lost)):
                    row[place] += adds
                if lost:
                    missed.add((asked.id, month))
                named = {
                    (f"{t['kind']}/{t['topic']}", groups[t.get("asked_day")])
                    for t in reply.trace
                    if t["kind"] in ("aftercare", "red_flag", "contact", "healing_sign")
                }
                for label, days in named:
                    topics[month, label, days] += 1
    return {key: tuple(row) for key, row in talks.items()}, dict(topics), missed


def step(talk: str, *trace: dict[str, Any], minutes: int = 1) -> Step:
    return Step(talk, minutes, True, "assistant", "Keep it dry.", trace)


WATER = shown(RULES[0], 1, 2)
UNCLEAR = {"kind": "unclear", "intent": "unclear", "rule_id": RULES[0]}
PERSON = {"kind": "contact", "topic": "person"}


def test_a_patient_counts_once_for_each_day_channel_and_wording(database: Database) -> None:
    start(database)
    play(
        database,
        step("ann-web", WATER),
        step("ann-web", UNCLEAR),
        step("ann-web", UNCLEAR),
        step("ann-sms", WATER),
        step("ann-sms", PERSON),
        step("bea-web", WATER, shown(RULES[0], 1, 3)),
        step("visitor", shown(RULES[0], 1, None)),
    )
    counts = tables(database).counts
    rule = RULES[0]
    assert counts == {
        (rule, 1, 2, "web"): Count(2, 1, 0, 1),
        (rule, 1, 2, "sms"): Count(1, 0, 1, 1),
        (rule, 1, 2, EVERY_CHANNEL): Count(2, 1, 1, 1),
        (rule, 1, 3, "web"): Count(1, 0, 0, 0),
        (rule, 1, 3, EVERY_CHANNEL): Count(1, 0, 0, 0),
        (rule, 1, NO_DAY, "web"): Count(1, 0, 0, 0),
        (rule, 1, NO_DAY, EVERY_CHANNEL): Count(1, 0, 0, 0),
        (rule, 1, EVERY_DAY, EVERY_CHANNEL): Count(3, 1, 1, 1),
    }


def test_a_signal_counts_on_the_day_and_wording_that_was_shown(database: Database) -> None:
    start(database)
    play(database, step("ann-web", WATER), step("ann-web", shown(RULES[1], 2, 5)), step("ann-web", UNCLEAR))
    counts = tables(database).counts
    assert counts[RULES[1], 2, 5, "web"] == Count(1, 1, 0, 1)
    assert counts[RULES[0], 1, 2, "web"] == Count(1, 0, 0, 0)


def test_a_patient_who_writes_on_two_channels_at_once_counts_once(database: Database) -> None:
    start(database)

    def write(talk: str) -> None:
        for _ in range(6):
            for day in range(4):
                play(database, step(talk, shown(RULES[0], 1, day)), step(talk, UNCLEAR))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ["ann-web", "ann-sms", "bea-web", "visitor"]))
    assert tables(database) == counted_anew(database)
    assert tables(database).counts[RULES[0], 1, EVERY_DAY, EVERY_CHANNEL] == Count(3, 3, 3, 3)


def test_what_was_stored_before_there_were_counters_is_counted(database: Database) -> None:
    start(database)
    with database.begin() as db:
        for trace in (WATER, UNCLEAR):
            add_message(db, "ann-web", "patient", "Hello", NOW)
            add_deliveries(db, add_message(db, "ann-web", "assistant", "Dry.", NOW, trace=[trace]), "web")
    assert tables(database).counts == {}
    with database.begin() as db:
        rebuild(db)
    play(database, step("bea-web", WATER))
    assert tables(database) == counted_anew(database)
    assert tables(database).counts[RULES[0], 1, 2, "web"] == Count(2, 1, 0, 1)


def test_invented_patients_are_counted_exactly_as_they_were_confused(database: Database, pack: Pack) -> None:
    steps: list[int] = []
    with database.begin() as db:
        publish_pack(db, pack, "Test", NOW)
        planted = simulate(db, pack, 700, 3, NOW, steps.append)
    assert sum(steps) == 700
    totals = {cell[0]: c for cell, c in tables(database).counts.items() if cell[2:] == (EVERY_DAY, EVERY_CHANNEL)}
    assert {rule: (c.shown, c.confused) for rule, c in totals.items()} == {
        rule: (len(people), len(planted.confused[rule])) for rule, people in planted.shown.items()
    }
    assert sum(c.confused for c in totals.values()) > 50
    (rule, confused, shown), *_ = hardest(planted, ENOUGH)
    assert (totals[rule].confused, totals[rule].shown) == (confused, shown)
    with pytest.raises(SimulationError, match="another seed"), database.begin() as db:
        simulate(db, pack, 1, 3, NOW, steps.append)
