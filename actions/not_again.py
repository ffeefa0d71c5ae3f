"""What would be said word for word a second time is said in simpler words, with a person to ask."""

from dataclasses import replace

from .envelope import button
from .turn import Answer, Question, Trace, Turn

# Whose answers are one wording. "Why?" and "I do not understand" are about the last answer and say something else.
REPEATABLE = {"about_smp", "aftercare", "eligibility", "goals", "healing_sign", "preparation"}


def not_again(question: Question, answer: Answer, turn: Turn) -> Answer:
    """``answer``, or its simpler wording where the patient has just read it for the same day and asks on."""
    if question.kind not in REPEATABLE or not all(_told_already(t, turn) for t in answer.traces):
        return answer
    simpler = " ".join(turn.words(t["rule_id"]).simpler for t in answer.traces)
    text = turn.say("told_again", text=simpler, phone=turn.pack.profile.phone)
    person = button(turn.say("button_person"), "contact/person")
    return replace(answer, paragraphs=(text,), buttons=(*answer.buttons, person))


def _told_already(item: Trace, turn: Turn) -> bool:
    before = [(t.get("rule_id"), t.get("asked_day")) for t in turn.told]
    is_wording = item.get("rule_id") in turn.wordings and not item.get("override")
    return is_wording and (item["rule_id"], item.get("asked_day")) in before
