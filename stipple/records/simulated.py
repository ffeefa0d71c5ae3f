"""Invented patients whose confusion is known, played in bulk through the real tables.

What they are shown and how they show confusion has the shape of real turns, so that the clarity page can be tried and
measured at any size. How often each instruction confuses is drawn once for a seed, and then played by chance.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session as DbSession

from stipple.care.confusion import SENDS_TO_A_PERSON
from stipple.content.pack import Pack
from stipple.content.schema import Window
from stipple.records.clarity_recount import rebuild
from stipple.records.demo import ensure_clinic
from stipple.records.models import Alert, Conversation, Course, Delivery, Message, Patient, Session
from stipple.records.wordings import Published, current_wordings

Row = dict[str, Any]
CHANNEL = "web"
AT_ONCE = 500
# Sessions lie no further back than this, and nobody asks later than that day after theirs.
LONGEST_AGO, LAST_DAY = 120, 45
MOST_QUESTIONS = 8
# How often something comes between two questions: a danger sign, thanks with something the assistant cannot place, or
# an engine that does not answer. None of it is confusion about an instruction.
DANGER, ASIDE, FALLBACK = 0.01, 0.02, 0.004
# Staff take most danger signs within the hour; those of the last hours may still be open.
TAKEN_AFTER_MINUTES, STILL_OPEN = 25, timedelta(hours=3)
STAFF = "Robin Simulated"
# A question, and what a confused patient writes after it, take no longer; nothing is written in the future.
LAST_TURN = timedelta(minutes=5)
# One instruction in ten confuses many; the others few.
HARD_SHARE, HARD, EASY = 0.1, (0.25, 0.55), (0.01, 0.1)
FIRST = ("Ann", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gia", "Hal", "Ines", "Jo", "Kai", "Lena", "Max", "Nia", "Omar")
LAST = ("Ash", "Brook", "Cole", "Dale", "East", "Field", "Grove", "Hill", "Ives", "Lane", "Marsh", "North", "Peak")
CONFUSED = {
    "unclear": ("I don't understand", "what do you mean by that", "can you say that in simpler words", "you lost me"),
    "not_helpful": ("that does not help", "not what i asked you", "this is no use to me"),
    "asked_again": ("so is that a yes or a no?", "but what about {title}", "still not sure about {title}"),
    "person": ("can i talk to someone", "I would rather speak to a person", "can somebody call me please"),
}
WEIGHTS = (4, 2, 3, 2)
ODD = ("the thing from before, same as ever", "blue or the other one", "ok but for my brother's bike", "asdf")
ASKED = ("what about {title}?", "is there anything to know about {title} now", "{title}, what is right today?")


class SimulationError(Exception):
    """Invented patients cannot be added; the message says why."""


@dataclass
class Planted:
    """What was played: by instruction, who was shown it and who it confused."""

    shown: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    confused: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    messages: int = 0


def simulate(
    db: DbSession,
    pack: Pack,
    patients: int,
    seed: int,
    now: datetime,
    progress: Callable[[int], None],
    most_questions: int = MOST_QUESTIONS,
) -> Planted:
    """Add ``patients`` invented patients and count whom what confused; ``progress`` is told how many were added.

    Each asks between one and ``most_questions`` questions.

    Raises:
        SimulationError: when the seed was played before.
    """
    prefix = f"SIM{seed}-"
    if db.scalar(select(Patient.id).where(Patient.reference == f"{prefix}1")) is not None:
        raise SimulationError(f"the patients of seed {seed} are there already; take another seed")
    clinic = ensure_clinic(db, pack.profile)
    player = _Player(pack, current_wordings(db), Random(seed), now, most_questions)  # noqa: S311
    for start in range(0, patients, AT_ONCE):
        some = range(start + 1, min(start + AT_ONCE, patients) + 1)
        _store(db, player, [player.patient(clinic.id, f"{prefix}{number}") for number in some])
        progress(len(some))
    rebuild(db)
    return player.planted


def _store(db: DbSession, player: "_Player", people: list[Row]) -> None:
    db.execute(insert(Patient), people)
    courses = [{"patient_id": p["id"], "number": 1, "planned_sessions": 3} for p in people]
    numbers = _numbers(db, Course, courses)
    held = [{"number": 1, "starts_at": p["created_at"], "status": "done"} for p in people]
    db.execute(insert(Session), [s | {"course_id": number} for s, number in zip(held, numbers, strict=True)])
    talks = [
        {"id": player.new_id(), "patient_id": p["id"], "channel": CHANNEL, "created_at": p["created_at"]}
        for p in people
    ]
    told = [player.talk(talk) for talk in talks]
    db.execute(insert(Conversation), talks)
    messages = [row for rows in told for row in rows]
    player.planted.messages += len(messages)
    stored = list(zip(messages, _numbers(db, Message, messages), strict=True))
    db.execute(insert(Delivery), [_delivery(m, number) for m, number in stored if _shows(m)])
    alerts = [player.alert(m, asked) for (_, asked), (m, _) in pairwise(stored) if m["outcome"] == "safety"]
    if alerts:
        db.execute(insert(Alert), alerts)


def _numbers(db: DbSession, table: type[Course] | type[Message], rows: list[Row]) -> list[int]:
    """The numbers that the database gives to ``rows``, in their order."""
    return list(db.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), rows))


def _shows(message: Row) -> bool:
    return any("wording_version" in item for item in message["trace"])


def _delivery(message: Row, number: int) -> Row:
    item = message["trace"][0]
    return {
        "message_id": number,
        "conversation_id": message["conversation_id"],
        "instruction_id": item["rule_id"],
        "wording_version": item["wording_version"],
        "healing_day": item["asked_day"],
        "channel": CHANNEL,
        "delivered_at": message["sent_at"],
    }


class _Player:
    """Plays one seed's patients; the same seed plays the same."""

    def __init__(
        self, pack: Pack, wordings: dict[str, Published], random: Random, now: datetime, most_questions: int
    ) -> None:
        self._pack = pack
        self._wordings = wordings
        self._random = random
        self._now = now
        self._most_questions = most_questions
        self.planted = Planted()
        self._chance = {rule: self._draw_chance() for rule in sorted(wordings)}

    def _draw_chance(self) -> float:
        """How often an instruction confuses."""
        return self._random.uniform(*(HARD if self._random.random() < HARD_SHARE else EASY))

    def new_id(self) -> str:
        """An identifier as the tables use them."""
        return f"{self._random.getrandbits(128):032x}"

    def patient(self, clinic: int, reference: str) -> Row:
        """A patient who was treated lately."""
        ago = timedelta(days=self._random.randint(1, LONGEST_AGO), minutes=self._random.randint(0, 300))
        name = f"{self._random.choice(FIRST)} {self._random.choice(LAST)}"
        made = {"id": self.new_id(), "clinic_id": clinic, "reference": reference, "name": name}
        return made | {"created_at": self._now - ago}

    def talk(self, conversation: Row) -> list[Row]:
        """The messages of one patient, from the first on."""
        rows: list[Row] = []
        latest = min(LAST_DAY, (self._now - conversation["created_at"]).days)
        # Most questions come in the first days.
        count = self._random.randint(1, self._most_questions)
        days = sorted(min(int(self._random.expovariate(0.15)), latest) for _ in range(count))
        asked: set[tuple[str, int]] = set()
        for number, day in enumerate(days):
            topic = self._random.choice(sorted(self._pack.care_plan))
            if (topic, day) in asked:
                # Asked on the same day again it would be a confusion that was not planted.
                continue
            asked.add((topic, day))
            at = conversation["created_at"] + timedelta(days=day, minutes=10 * number)
            if at > self._now - LAST_TURN:
                break
            self._between(rows, conversation, at)
            self._ask(rows, conversation, topic, self._pack.care_plan[topic].window(day), day, at)
        return rows

    def _between(self, rows: list[Row], conversation: Row, at: datetime) -> None:
        """What else patients write now and then before a question."""
        at -= timedelta(minutes=5)
        chance, say = self._random.random(), self._pack.replies
        if chance < DANGER:
            flag = self._random.choice(sorted(self._pack.red_flags))
            sign = self._pack.red_flags[flag]
            item = {"kind": "red_flag", "topic": flag, "urgency": sign.level, "intent": "screening"}
            self._turn(rows, conversation, at, f"i think this is {sign.title}", sign.text, [item], "safety")
        elif chance < DANGER + ASIDE:
            thanks = {"kind": "smalltalk", "topic": "thanks", "intent": "smalltalk/thanks"}
            self._turn(rows, conversation, at, "thank you", "You are welcome.", [thanks])
            lost = {"kind": "ask_back", "topic": "did_you_mean", "intent": "not_understood/did_you_mean"}
            self._turn(rows, conversation, at, self._random.choice(ODD), say["not_understood"], [lost])
        elif chance < DANGER + ASIDE + FALLBACK:
            reply = say["fallback"].format(phone=self._pack.profile.phone)
            self._turn(rows, conversation, at, "are you there?", reply, [], "fallback")

    def alert(self, reply: Row, asked: int) -> Row:
        """The danger sign that a reply told of, as staff looked after it."""
        item, at = reply["trace"][0], reply["sent_at"]
        taken = at + timedelta(minutes=self._random.expovariate(1 / TAKEN_AFTER_MINUTES))
        row = {"conversation_id": reply["conversation_id"], "message_id": asked, "level": item["urgency"]}
        row |= {"signs": [item["topic"]], "raised_at": at, "told_at": at}
        if at > self._now - STILL_OPEN:
            return row | dict.fromkeys(("taken_at", "taken_by", "closed_at", "closed_by", "outcome"))
        closed = {"closed_at": taken + timedelta(minutes=20), "closed_by": STAFF, "outcome": "called back"}
        return row | {"taken_at": taken, "taken_by": STAFF} | closed

    def _ask(self, rows: list[Row], conversation: Row, topic: str, window: Window, day: int, at: datetime) -> None:
        """One question with its answer, and what an answer that confuses leads to."""
        rule, title = f"aftercare/{topic}/{window.span}", self._pack.care_plan[topic].title
        words, person = self._wordings[rule], conversation["patient_id"]
        item = {
            "kind": "aftercare",
            "topic": topic,
            "verdict": window.verdict,
            "asked_day": day,
            "rule_id": rule,
            "wording_version": words.version,
            "from_record": True,
            "intent": f"aftercare/{topic}",
            "confidence": round(self._random.uniform(0.6, 0.98), 3),
        }
        self._turn(rows, conversation, at, self._random.choice(ASKED).format(title=title), words.text, [item])
        self.planted.shown[rule].add(person)
        if self._random.random() >= self._chance[rule]:
            return
        self.planted.confused[rule].add(person)
        kind = self._random.choices(list(CONFUSED), WEIGHTS)[0]
        if kind == "person" and window.verdict in SENDS_TO_A_PERSON:
            kind = "unclear"
        said = self._random.choice(CONFUSED[kind]).format(title=title)
        reply, trace = self._answer_to(kind, words, item)
        self._turn(rows, conversation, at + timedelta(minutes=2), said, reply, [trace])

    def _answer_to(self, kind: str, words: Published, item: Row) -> tuple[str, Row]:
        """What the assistant says to a confused patient, as its actions do."""
        say = self._pack.replies
        phone = self._pack.profile.phone
        if kind == "unclear":
            return words.simpler, {"kind": "unclear", "rule_id": item["rule_id"], "intent": "unclear"}
        if kind == "not_helpful":
            text = say.get("feedback_not_helpful", "Sorry. Call {phone}.").format(phone=phone)
            return text, {"kind": "feedback", "topic": "not_helpful", "intent": "feedback/not_helpful"}
        if kind == "person":
            text = say.get("person", "Call {phone}.").format(phone=phone, email="", address="", directions="", hours="")
            return text, {"kind": "contact", "topic": "person", "intent": "contact/person"}
        return words.text, item | {"confidence": round(item["confidence"] / 2, 3)}

    def _turn(
        self,
        rows: list[Row],
        conversation: Row,
        at: datetime,
        said: str,
        reply: str,
        trace: list[Row],
        outcome: str = "answered",
    ) -> None:
        """A message and its reply."""
        for author, text, why, how in (("patient", said, [], ""), ("assistant", reply, trace, outcome)):
            rows.append(
                {
                    "conversation_id": conversation["id"],
                    "sequence": len(rows) + 1,
                    "author": author,
                    "text": text,
                    "choices": [],
                    "trace": why,
                    "outcome": how,
                    "sent_at": at,
                }
            )


def hardest(planted: Planted, least: int) -> Iterator[tuple[str, int, int]]:
    """Instructions that ``least`` patients were shown, the worst first, with how many were confused and shown."""
    many = (rule for rule, people in planted.shown.items() if len(people) >= least)
    for rule in sorted(many, key=lambda r: -len(planted.confused[r]) / len(planted.shown[r])):
        yield rule, len(planted.confused[rule]), len(planted.shown[rule])
