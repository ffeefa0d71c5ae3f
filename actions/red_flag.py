"""Danger signs: the clinic-approved safety text for the level, and nothing before it."""

from stipple.care.levels import LIFE_AT_RISK
from stipple.content.safety import safety_text

from .contact import session_near
from .envelope import trace
from .turn import Answer, Question, Turn


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
