"""Who the treatment suits: a stance and a next step for what somebody tells, and the form that asks."""

from .envelope import button, trace
from .turn import Answer, Question, Turn

GENERAL = "general"


def answer(question: Question, turn: Turn) -> Answer:
    """What usually applies to the condition; never a decision."""
    condition = turn.pack.conditions[question.topic]
    rule_id = f"eligibility/{condition.id}"
    words = turn.words(rule_id)
    paragraphs = (words.text, turn.say("next_step", step=condition.next_step), turn.say("eligibility_caution"))
    facts = {"verdict": condition.stance, "rule_id": rule_id, "wording_version": words.version}
    suits = button(turn.say("button_suits_me"), "eligibility/general")
    return Answer(paragraphs, (trace("eligibility", condition.id, question, **facts),), (suits,))
