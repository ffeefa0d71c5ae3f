"""What the answers of one reply share is said once: a patient half reads, and what to do must not be buried."""

import re
from collections.abc import Iterator
from dataclasses import replace

from .turn import Answer, Turn

SENTENCE_END = re.compile(r"(?<=[.!?]) ")
# The fixed sentences that tell for which day an answer holds.
DAYS = ("today", "on_date", "on_date_past", "if_day")
BLANK = re.compile(r"\\\{\w+\\\}")


def said_once(answers: list[Answer], turn: Turn) -> list[Answer]:
    """``answers`` without the day that the one before has told, and danger signs without one another's sentences."""
    tells_day = _tells_day(turn)
    dangers: set[str] = set()
    told, rest = "", []
    for answer in answers:
        paragraphs = list(answer.paragraphs)
        if any(t["kind"] == "red_flag" for t in answer.traces):
            paragraphs = list(_not_in(dangers, paragraphs))
        for place, paragraph in enumerate(paragraphs):
            begins = tells_day.match(paragraph)
            day = begins[0] if begins else ""
            paragraphs[place] = paragraph.removeprefix(day) if day == told else paragraph
            told = day or told
        rest.append(replace(answer, paragraphs=tuple(paragraphs)))
    return rest


def _not_in(said: set[str], paragraphs: list[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        new = [sentence for sentence in SENTENCE_END.split(paragraph) if sentence not in said]
        said.update(new)
        if new:
            yield " ".join(new)


def _tells_day(turn: Turn) -> re.Pattern[str]:
    """What a paragraph begins with that tells the day and goes on."""
    known = "|".join(BLANK.sub(".+?", re.escape(turn.pack.replies[name])) for name in DAYS)
    return re.compile(rf"(?:{known}) (?=\S)")
