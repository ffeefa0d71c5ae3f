"""Questions that lean on the answer before: "why?", "and tomorrow?", "are you sure?"."""

from .envelope import button, trace
from .turn import Answer, Question, Turn


def why(question: Question, turn: Turn) -> Answer:
    """The reason for what was said last."""
    reasons = [(label, r) for label, r in zip(turn.last_questions, turn.last_rules, strict=False) if r in turn.wordings]
    told = [(label, r) for label, r in reasons if turn.words(r).why]
    if not told:
        return Answer((turn.say("unclear_nothing"),), (trace("unclear", question=question),))
    paragraphs = tuple(turn.say("why", why=turn.words(r).why) for _, r in told)
    items = tuple(
        trace(*label.split("/", 1), question, rule_id=r, wording_version=turn.words(r).version) for label, r in told
    )
    return Answer(paragraphs, items, (button(turn.say("button_unclear"), "unclear"),))
