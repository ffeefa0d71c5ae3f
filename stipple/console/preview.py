"""What a patient would read of an instruction, made by the very code that answers patients."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from actions import followup, unclear
from actions.answering import MEMORABLE, SUBJECTS
from actions.turn import Answer, Question, Turn
from stipple.care.record import CourseRecord, PatientRecord, Visit
from stipple.content.pack import Pack
from stipple.records.models import Instruction
from stipple.records.wordings import Published, Words

WITHOUT_DAYS = 3


@dataclass(frozen=True)
class Preview:
    """The answer, and what follows it on "why?" and on "I don't understand"; empty where patients are not told it.

    ``day`` is the healing day of the example, None where the day makes no difference.
    """

    message: str
    buttons: list[str]
    why: str
    simpler: str
    day: int | None


def preview(
    instruction: Instruction, words: Words, published: dict[str, Published], pack: Pack, now: datetime
) -> Preview:
    """``words`` in place of what patients read now, for an invented patient on a day that the instruction holds for."""
    first = _first_day(instruction.id)
    day = WITHOUT_DAYS if first is None else _example_day(instruction.id, first)
    version = published[instruction.id].version if instruction.id in published else 1
    shown = published | {instruction.id: Published(words.text, words.why, words.simpler, version)}
    question = Question(f"{instruction.subject}/{instruction.topic}", 1.0, "")
    turn = Turn("", now, pack, shown, _patient(day, now, pack), (question,))
    answer = SUBJECTS[instruction.subject](question, turn)
    after = replace(turn, told=tuple(t for t in answer.traces if t["kind"] in MEMORABLE))
    return Preview(
        message=_said(answer),
        buttons=[b["title"] for b in answer.buttons],
        why=_said(followup.why(Question("followup/why", 1.0, ""), after)) if after.told and words.why else "",
        simpler=_said(unclear.answer(Question("unclear", 1.0, ""), after)) if after.told else "",
        day=None if first is None else day,
    )


def _said(answer: Answer) -> str:
    return "\n\n".join(answer.paragraphs)


def _first_day(instruction_id: str) -> int | None:
    first, dash, _ = instruction_id.split("/")[-1].partition("-")
    return int(first) if dash and first.isdigit() else None


def _example_day(instruction_id: str, first: int) -> int:
    """Shortly after the first day, so that the example looks like most answers."""
    last = instruction_id.rpartition("-")[2]
    return first + 1 if not last or int(last) > first else first


def _patient(day: int, now: datetime, pack: Pack) -> PatientRecord:
    """Somebody whose only session was ``day`` days ago, so that every window of the care plan has begun to count."""
    held = Visit(1, now.astimezone(pack.profile.zone) - timedelta(days=day), "done")
    return PatientRecord(pack.profile.zone, (CourseRecord(1, None, 1, (held,)),))
