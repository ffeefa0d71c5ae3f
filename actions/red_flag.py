"""Danger signs: the clinic-approved safety text for the level, and nothing before it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from stipple.care.levels import LIFE_AT_RISK
from stipple.content.safety import safety_text

from .contact import session_near
from .envelope import trace
from .turn import Answer, Question, Turn

SENTENCE_END = re.compile(r"(?<=[.!?]) ")


def answer(question: Question, turn: Turn) -> Answer:
    """The safety text of the danger sign, with the numbers of the clinic's country."""
    flag = turn.pack.red_flags[question.topic]
    rule_id = f"red_flag/{flag.id}"
    words = turn.words(rule_id)
    item = trace("red_flag", flag.id, question, urgency=flag.level, rule_id=rule_id, wording_version=words.version)
    near = session_near(turn) if flag.level == "doctor" else ()
    return Answer((safety_text(words.text, turn.pack), *near), (item,))


def stands_alone(question: Question, turn: Turn) -> bool:
    """Whether nothing else may be answered beside this danger sign."""
    return turn.pack.red_flags[question.topic].level in LIFE_AT_RISK


def said_once(answers: list[Answer]) -> list[Answer]:
    """``answers``, each danger sign without the sentences of those before it: four signs must not bury what to do."""
    said: set[str] = set()
    return [replace(a, paragraphs=tuple(_not_in(said, a))) if _tells_danger(a) else a for a in answers]


def _tells_danger(answer: Answer) -> bool:
    return any(t["kind"] == "red_flag" for t in answer.traces)


def _not_in(said: set[str], answer: Answer) -> Iterator[str]:
    for paragraph in answer.paragraphs:
        new = [sentence for sentence in SENTENCE_END.split(paragraph) if sentence not in said]
        said.update(new)
        if new:
            yield " ".join(new)
