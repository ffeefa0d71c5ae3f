"""The patient did not understand: the simpler wording first, then a person."""

from .envelope import button, trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The last instructions again in simpler words; the second time in a row, a person."""
    shown = [t["rule_id"] for t in turn.told if t.get("rule_id") in turn.wordings]
    item = trace("unclear", question=question, rule_id=shown[0] if shown else None)
    person = button(turn.say("button_person"), "contact/person")
    if not shown:
        return Answer((turn.say("unclear_nothing"),), (item,), (person,))
    if turn.misses > 0:
        return Answer((turn.say("unclear_person", phone=turn.pack.profile.phone),), (item,), (person,))
    simpler = " ".join(turn.words(r).simpler for r in shown)
    return Answer((turn.say("unclear_again", text=simpler),), (item,), (person,))
