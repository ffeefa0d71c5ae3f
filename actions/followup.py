"""Questions that lean on the answer before: "why?", "how long for?"."""

from . import not_understood, unclear
from .envelope import button
from .turn import Answer, Question, Turn


def why(question: Question, turn: Turn) -> Answer:
    """The reason for what was said last."""
    items = tuple(t for t in turn.told if t.get("rule_id") in turn.wordings)
    reasons = dict.fromkeys(turn.words(t["rule_id"]).why for t in items)
    paragraphs = tuple(turn.say("why", why=reason) for reason in reasons if reason)
    if not paragraphs:
        return unclear.answer(question, turn)
    return Answer(paragraphs, items, (button(turn.say("button_unclear"), "unclear"),))


def answer(question: Question, turn: Turn) -> Answer:
    """The reason for what was said last; anything else that leans on it finds nothing to lean on here.

    After an answer it was read as that answer's question again, by `actions.context`.
    """
    if question.topic == "why":
        return why(question, turn)
    return not_understood.answer(not_understood.of(question), turn)
