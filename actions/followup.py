"""Questions that lean on the answer before: "why?"."""

from .envelope import button, trace
from .turn import Answer, Question, Turn


def why(question: Question, turn: Turn, told: list[Answer]) -> Answer:
    """The reason for what was said last; ``told`` is the last answer as it would be given now."""
    items = tuple(t for answer in told for t in answer.traces if t.get("rule_id") in turn.wordings)
    reasons = dict.fromkeys(turn.words(t["rule_id"]).why for t in items)
    paragraphs = tuple(turn.say("why", why=reason) for reason in reasons if reason)
    if not paragraphs:
        return Answer((turn.say("unclear_nothing"),), (trace("unclear", question=question),))
    return Answer(paragraphs, items, (button(turn.say("button_unclear"), "unclear"),))
