"""The page that asks what a patient meant: what it knows of the message, and whether what was typed can be saved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console.anonymous import Telling, telling
from stipple.console.inbox import Who, who
from stipple.console.labels import Choice, answerable, choice_of
from stipple.console.lessons import Offer, Origin, findings, proposed, tidy_message
from stipple.console.links import start_before
from stipple.console.words import Reason, reason
from stipple.content.known import Finding, Known, same_words
from stipple.content.pack import Pack
from stipple.evaluation.cases import CaseRecord
from stipple.evaluation.expecting import LATEST_DAY, can_be_tested, expected, record_for, reduced
from stipple.gateway.choices import values_of
from stipple.records.conversations import messages_after
from stipple.records.lesson_models import CASE, NOTHING, PHRASE, Lesson
from stipple.records.models import Conversation, Instruction, Message
from stipple.records.patients import record_of_conversation

LONGEST = 300
MOST_LIKELY = 5
MOST_REPLIES = 3


@dataclass(frozen=True)
class About:
    """What a lesson is made from; of an instruction there is no message, and of a visitor no record.

    ``names`` are the words that must not reach the files. ``understood`` is what the assistant took the message for.
    """

    origin: Origin
    text: str
    record: CaseRecord | None
    names: tuple[str, ...] = ()
    label: str = ""
    day: int | None = None
    who: Who | None = None
    conversation_id: str = ""
    start: int = 1
    understood: list[Reason] = field(default_factory=list)
    likely: list[str] = field(default_factory=list)
    screened: bool = False

    @property
    def treated(self) -> bool:
        """Whether there is a healing day."""
        return self.record is not None and self.record.done > 0


@dataclass(frozen=True)
class Typed:
    """The posted form, as it was typed."""

    label: str = ""
    phrase: str = ""
    case: str = ""
    day: str = ""
    checked: bool = False
    seen: str = ""


@dataclass(frozen=True)
class Look:
    """What the page says about what was typed: problems by field, and notes that somebody has to read before saving."""

    problems: dict[str, str]
    telling: dict[str, list[Telling]]
    findings: dict[str, list[Finding]]
    expect: dict[str, Any] | None

    @property
    def notes(self) -> str:
        """Differs whenever the notes do, so that none is saved over unread; empty when there are none."""
        soft = [[f, t.words] for f, found in self.telling.items() for t in found if not t.must]
        soft += [[f, x.label, x.text] for f, found in self.findings.items() for x in found if not x.stops]
        return hashlib.sha256(json.dumps(soft).encode()).hexdigest()[:16] if soft else ""


def of_message(db: DbSession, number: int, pack: Pack, known: Known) -> About | None:
    """What is known of a patient's message; None when there is no such message."""
    message = db.get(Message, number)
    if message is None or message.author != "patient":
        return None
    talk = db.get_one(Conversation, message.conversation_id, options=[joinedload(Conversation.patient)])
    items = _answered(db, message)
    labels = [str(i["intent"]) for i in items if i.get("intent")]
    offered = _offered(db, message)
    likely = [*offered, *known.likeliest(message.text, 2 * MOST_LIKELY + len(labels))]
    fit = set(answerable(known.labels, pack)) - set(labels)
    record = record_of_conversation(db, talk.id, pack.profile.zone)
    patient = talk.patient
    own = (patient.name, patient.reference, patient.email or "", patient.phone or "") if patient else ()
    return About(
        origin=Origin(message_id=number),
        text=message.text,
        record=reduced(record, message.sent_at),
        names=own,
        who=who(talk),
        conversation_id=talk.id,
        start=start_before(message.sequence),
        understood=[reason(i, pack) for i in items],
        likely=[label for label in dict.fromkeys(likely) if label in fit][:MOST_LIKELY],
        screened="screening" in labels,
    )


def _replies(db: DbSession, message: Message) -> list[Message]:
    after = messages_after(db, message.conversation_id, message.sequence, MOST_REPLIES)
    end = next((i for i, m in enumerate(after) if m.author == "patient"), len(after))
    return [m for m in after[:end] if m.author == "assistant"]


def _answered(db: DbSession, message: Message) -> list[dict[str, Any]]:
    return [item for reply in _replies(db, message) for item in reply.trace]


def _offered(db: DbSession, message: Message) -> list[str]:
    """What the assistant asked the patient whether they meant."""
    found = [values_of(c.get("payload", "")) for reply in _replies(db, message) for c in reply.choices]
    return [values["question"] for values in found if "question" in values]


def of_instruction(db: DbSession, instruction_id: str, pack: Pack) -> About | None:
    """A case that keeps the question behind an instruction tested; None when there is no such instruction."""
    instruction = db.get(Instruction, instruction_id)
    if instruction is None:
        return None
    label, span = f"{instruction.subject}/{instruction.topic}", (*instruction_id.split("/"), "", "")[2]
    first = span.partition("-")[0]
    day = int(first) if first.isdigit() else 0
    topic = pack.care_plan.get(instruction.topic) if instruction.subject == "aftercare" else None
    from_course = topic is not None and topic.counted_from == "course" and day > 0
    return About(Origin(instruction_id=instruction_id), "", record_for(from_course, day), label=label, day=day)


def earlier(db: DbSession, origin: Origin) -> list[Lesson]:
    """What was proposed from the same message or instruction."""
    mine = Lesson.message_id == origin.message_id if origin.message_id else None
    if mine is None:
        mine = Lesson.instruction_id == origin.instruction_id
    query = select(Lesson).where(mine, Lesson.kind != NOTHING).order_by(Lesson.id)
    return list(db.scalars(query.options(joinedload(Lesson.proposer))))


def start_of(about: About) -> Typed:
    """The form before anybody typed: the patient's own words, to be made anonymous."""
    day = about.day if about.day is not None else about.record.day if about.record and about.treated else None
    shown = tidy_message(about.text)[:LONGEST]
    return Typed(label=about.label, phrase=shown, day="" if day is None else str(day))


def read_typed(form: Mapping[str, str]) -> Typed:
    """The posted form, on one line each and without signs that cannot be kept."""
    phrase, case = (tidy_message(form.get(name, "")) for name in ("phrase", "case"))
    label, day = form.get("label", ""), form.get("day", "").strip()[:5]
    return Typed(label, phrase, case, day, "checked" in form, form.get("seen", ""))


def look(db: DbSession, about: About, typed: Typed, files: Known, pack: Pack, fresh: bool = False) -> Look:
    """Judge what was typed; a page that is ``fresh`` is not blamed for what nobody has typed yet."""
    texts = {name: text for name, text in ((PHRASE, typed.phrase), (CASE, typed.case)) if text}
    told = {name: telling(text, about.names, files.how_often) for name, text in texts.items()}
    chosen = typed.label if typed.label in answerable(files.labels, pack) else ""
    # The same form sent twice, as by a double click, does not stand in its own way.
    before = [s.id for s in earlier(db, about.origin) if s.label == chosen and texts.get(s.kind) == s.text]
    knowns = (files, proposed(db, before))
    found = {name: findings(name, text, chosen, knowns) for name, text in texts.items() if chosen}
    problems = {} if fresh else _problems(about, typed, chosen, told, found)
    day = read_day(typed.day)
    expect = expected(chosen, about.record, day, pack) if chosen and can_be_tested(chosen) else None
    return Look(problems, told, found, expect)


def _problems(
    about: About, typed: Typed, chosen: str, told: dict[str, list[Telling]], found: dict[str, list[Finding]]
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not chosen:
        wrong["label"] = "Please choose what the patient meant."
    if not typed.phrase and not typed.case:
        wrong[PHRASE] = "Please write words to learn from, or words for a test, or both."
    for name, text in ((PHRASE, typed.phrase), (CASE, typed.case)):
        must = [t for t in told.get(name, ()) if t.must]
        if must:
            wrong[name] = f"Please edit out {_listed(must)}: the words must not tell who the patient is."
        elif len(text) > LONGEST:
            wrong[name] = f"Please write at most {LONGEST} letters; these are {len(text)}."
        elif text and not any(c.isalnum() for c in text):
            wrong[name] = "Please write at least one word."
        elif any(f.stops for f in found.get(name, ())):
            wrong[name] = "These words cannot be used. See why below."
    if typed.case and chosen and not can_be_tested(chosen):
        wrong.setdefault(
            CASE, "This can only be taught: what is right depends on what was said before. Empty this field."
        )
    if typed.phrase and typed.case and same_words(typed.phrase, typed.case):
        wrong.setdefault(CASE, "Please ask the same in other words: these are the words that the assistant learns.")
    if typed.day and read_day(typed.day) is None:
        wrong["day"] = f"Please write a day from 0 to {LATEST_DAY}, in figures."
    if about.text and not typed.checked:
        wrong["checked"] = "Please read your words once more, then tick this."
    return wrong


def _listed(found: list[Telling]) -> str:
    return ", ".join(f"“{t.words}” ({t.what})" for t in found)


def read_day(text: str) -> int | None:
    """The healing day of a form; None when there is none, or no possible one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= LATEST_DAY else None


def offer_of(about: About, typed: Typed) -> Offer:
    """What is saved of a form that has no problem."""
    return Offer(typed.label, typed.phrase, typed.case, read_day(typed.day) if about.treated else None)


def likely_choices(about: About, pack: Pack) -> list[Choice]:
    """The likeliest meanings in human words."""
    return [choice_of(label, pack) for label in about.likely]
