"""Messages that fit nothing known well enough: asked back once, then a person is offered."""

from dataclasses import replace

from .envelope import button, offers, trace
from .turn import Answer, Question, Turn

# Kinds that a button of "Did you mean …?" can offer.
OFFERED = 3


def of(question: Question) -> Question:
    """``question`` as one that was not understood; its own label becomes the first to offer."""
    return replace(question, label="not_understood/did_you_mean", others=question.guesses)


def answer(question: Question, turn: Turn) -> Answer:
    """Offer the likely meanings as buttons; after a second miss in a row, a person."""
    phone = turn.pack.profile.phone
    person = button(turn.say("button_person"), "contact/person")
    likely = [label for label, _ in question.others if not (turn.calm and label.startswith("red_flag/"))]
    offered = offers(likely, turn)[:OFFERED]
    item = trace("ask_back", "did_you_mean", question)
    if turn.misses > 0:
        return Answer((turn.say("not_understood_person", phone=phone),), (item,), (person,))
    if not offered:
        return Answer((turn.say("not_understood"),), (trace("out_of_scope", question=question), item), (person,))
    return Answer((turn.say("did_you_mean"),), (item,), (*offered, person))
