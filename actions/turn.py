"""One turn as the actions see it: what was asked, the moment, the patient's record, and the way to answer."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from rasa_sdk.interfaces import Tracker

from stipple.care.dates import DayMention, find_days
from stipple.care.healing import HealingDay, healing_day, upcoming
from stipple.care.levels import most_urgent
from stipple.care.record import PatientRecord
from stipple.care.telling import show_date
from stipple.content.pack import Pack
from stipple.phrases import RED_FLAG, kind_of
from stipple.records.patients import record_of_conversation
from stipple.records.wordings import Published

from .knowledge import Knowledge

# Below this probability the screening finds nothing wrong beyond what it raised.
NOTHING_WRONG = 0.3
# Asked, it begins the three questions; told, it is the level that they or a danger sign ended in.
HOW_SOON = "healing_sign/unsure"
# Everything that holds before a session.
PREPARING = "preparation/all"
# Said beside a real question these kinds need no answer of their own.
SECONDARY = {"out_of_scope", "smalltalk", "feedback", "form_control", "not_understood", "followup", "unclear"}
Trace = dict[str, Any]
Button = dict[str, str]


@dataclass(frozen=True)
class Question:
    """One thing the message asks: ``label`` is ``kind/topic``; ``others`` are the next likely labels."""

    label: str
    confidence: float
    text: str
    others: tuple[tuple[str, float], ...] = ()

    @property
    def kind(self) -> str:
        """First part of the label: who answers."""
        return self.label.partition("/")[0]

    @property
    def topic(self) -> str:
        """Second part of the label; empty when the kind has no topics."""
        return self.label.partition("/")[2]

    @property
    def guesses(self) -> tuple[tuple[str, float], ...]:
        """Every label that it may mean with its probability, its own first."""
        return ((self.label, self.confidence), *self.others)


@dataclass(frozen=True)
class Answer:
    """What one question is answered with: paragraphs, trace items and buttons."""

    paragraphs: tuple[str, ...]
    traces: tuple[Trace, ...]
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Turn:
    """Everything an answer may depend on.

    ``now`` comes from the gateway, never from this process's clock. ``told`` is the trace of the last answer.
    ``possible`` are the labels that the message may ask beside its ``questions``, too unsure to be answered.
    ``dangers``, ``taken_back`` (signs that are only denied, feared and so on), ``danger_probability`` (of any sign) and
    ``unraised_probability`` (of those that are not among ``dangers``) are what the gateway's screening made of the
    message, ``risks`` the risk factors that the message or the record names, ``level`` that of the conversation's open
    alert. ``session_date`` and ``next_session`` are what a visitor told of their sessions, ``untreated`` that they have
    had none yet. ``answered`` are the labels that the patient's message before this one was answered for.
    """

    text: str
    now: datetime
    pack: Pack
    wordings: dict[str, Published]
    record: PatientRecord | None
    questions: tuple[Question, ...]
    possible: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    danger_probability: float | None = None
    unraised_probability: float | None = None
    risks: tuple[str, ...] = ()
    level: str = "normal"
    told: tuple[Trace, ...] = ()
    answered: tuple[str, ...] = ()
    misses: int = 0
    in_form: bool = False
    session_date: date | None = None
    next_session: date | None = None
    awaiting_session_date: bool = False
    untreated: bool = False
    days: tuple[DayMention, ...] = field(default=())

    @property
    def today(self) -> date:
        """The clinic's calendar date."""
        return self.now.astimezone(self.pack.profile.zone).date()

    @property
    def healing(self) -> HealingDay | None:
        """Where the patient stands today, by their record."""
        return healing_day(self.record, self.today, self.now) if self.record else None

    @property
    def last_questions(self) -> tuple[str, ...]:
        """The labels (``kind/topic``) that the last answer spoke of."""
        return tuple(f"{t['kind']}/{t['topic']}" for t in self.told)

    @property
    def after_danger(self) -> bool:
        """Whether the last answer was a safety text."""
        return any(kind_of(label) == RED_FLAG for label in self.answered)

    @property
    def told_how_soon(self) -> bool:
        """Whether the last answer said how soon somebody must look at it."""
        return self.after_danger or HOW_SOON in self.last_questions

    @property
    def in_danger(self) -> bool:
        """Whether a danger sign, or a worry that must be seen, was told of in this conversation."""
        return self.level != "normal" or self.told_how_soon

    @property
    def calm(self) -> bool:
        """Whether the screening finds nothing wrong beyond what it raised."""
        return self.unraised_probability is not None and self.unraised_probability < NOTHING_WRONG

    @property
    def told_level(self) -> str:
        """The most urgent level that this conversation was told of: by its open alert, or by the last answer."""
        return most_urgent([self.level, *(t.get("urgency", "normal") for t in self.told)])

    @property
    def told_day(self) -> int | None:
        """The healing day that a visitor without a record has told, outright or by the session's date."""
        for mention in self.days:
            if mention.day is not None:
                return mention.day
        return max(0, (self.today - self.session_date).days) if self.session_date else None

    @property
    def sign_day(self) -> int | None:
        """The healing day that a visitor told, now or with the sign that the last answer was about."""
        judged = (t.get("asked_day") for t in self.told if t["kind"] == "healing_sign")
        return next((day for day in (self.told_day, *judged) if day is not None), None)

    @property
    def session_ahead(self) -> date | None:
        """The date of the next session, by the record or as a visitor told it."""
        if self.record is None:
            return self.next_session
        coming = upcoming(self.record, self.now)
        return self.record.local_date(coming[0].starts_at) if coming else None

    def told_session_before(self, on: date) -> date | None:
        """The session, of those a visitor told of, that the healing days count from on the date ``on``."""
        coming = self.next_session
        return coming if coming and coming <= on else self.session_date

    def say(self, name: str, **values: object) -> str:
        """A fixed sentence of the clinic's, with its blanks filled."""
        return self.pack.replies[name].format(**values)

    def words(self, instruction: str) -> Published:
        """The published wording of an instruction."""
        return self.wordings[instruction]

    def show_date(self, day: date) -> str:
        """A date as a patient reads it, with the year when it is another one."""
        return show_date(day, self.today)


def read_turn(tracker: Tracker, knowledge: Knowledge) -> Turn:
    """Read the turn from Rasa's tracker and the record from the database, by conversation id."""
    message = tracker.latest_message
    text = message.get("text") or ""
    now = datetime.fromisoformat(message["metadata"]["now"])
    answered = tuple((message["metadata"].get("before") or {}).get("asked", ()))
    with knowledge.database.begin() as db:
        record = record_of_conversation(db, tracker.sender_id, knowledge.zone)
        pack, wordings = knowledge.current(db)
    turn = Turn(
        text=text,
        now=now,
        pack=pack,
        wordings=wordings,
        record=record,
        questions=tuple(_questions(text, message.get("entities", []))),
        dangers=tuple(message["metadata"].get("dangers", ())),
        taken_back=tuple(message["metadata"].get("taken_back", ())),
        danger_probability=message["metadata"].get("danger_probability"),
        unraised_probability=message["metadata"].get("unraised_probability"),
        level=message["metadata"].get("level", "normal"),
        risks=tuple(dict.fromkeys([*message["metadata"].get("risks", ()), *(record.risks if record else ())])),
        possible=tuple(e["value"] for e in message.get("entities", []) if e.get("role") == "possible"),
        mentions=tuple(e["value"] for e in message.get("entities", []) if e["entity"] == "mention"),
        told=tuple(tracker.get_slot("told") or ()),
        answered=answered,
        misses=int(tracker.get_slot("misses") or 0),
        in_form=bool(tracker.active_loop),
        session_date=_told_date("session_date", tracker),
        next_session=_told_date("next_session", tracker),
        awaiting_session_date=bool(tracker.get_slot("awaiting_session_date")) or _is_asked_for("triage_date", tracker),
        untreated=bool(tracker.get_slot("untreated")),
    )
    # What was told before a safety text is not what the patient has just read.
    return replace(turn, days=tuple(find_days(text, turn.today)), told=() if turn.after_danger else turn.told)


def _is_asked_for(slot: str, tracker: Tracker) -> bool:
    return bool(tracker.active_loop) and tracker.get_slot("requested_slot") == slot


def _told_date(slot: str, tracker: Tracker) -> date | None:
    """The day of a session that a visitor without a record has told."""
    told = tracker.get_slot(slot)
    return date.fromisoformat(told) if told else None


def _questions(text: str, entities: list[dict[str, Any]]) -> list[Question]:
    found = [e for e in entities if e["entity"] == "question"]
    questions = []
    for asked in (e for e in found if e.get("role", "asked") == "asked"):
        others = tuple(
            (e["value"], float(e["confidence_entity"]))
            for e in found
            if e.get("role") == "alternative" and (e["start"], e["end"]) == (asked["start"], asked["end"])
        )
        part = text[asked["start"] : asked["end"]]
        questions.append(Question(asked["value"], float(asked.get("confidence_entity", 1.0)), part, others))
    return questions
