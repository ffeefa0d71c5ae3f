"""Messages that fit nothing known well enough: asked back once, then a person is offered."""

from dataclasses import replace

from stipple.care.telling import begun

from .envelope import button, trace
from .turn import Answer, Question, Turn

# Kinds that a button of "Did you mean …?" can offer.
OFFERED = 3


def of(question: Question) -> Question:
    """``question`` as one that was not understood; its own label becomes the first to offer."""
    guesses = ((question.label, question.confidence), *question.others)
    return replace(question, label="not_understood/did_you_mean", others=guesses)


def answer(question: Question, turn: Turn) -> Answer:
    """Offer the likely meanings as buttons; after a second miss in a row, a person."""
    phone = turn.pack.profile.phone
    person = button(turn.say("button_person"), "contact/person")
    likely = [label for label, _ in question.others if not (turn.calm and label.startswith("red_flag/"))]
    titled = [(label, turn.pack.title(label)) for label in likely]
    offers = [button(begun(title), label) for label, title in titled if title][:OFFERED]
    item = trace("ask_back", "did_you_mean", question)
    if turn.misses > 0:
        return Answer((turn.say("not_understood_person", phone=phone),), (item,), (person,))
    if not offers:
        return Answer((turn.say("not_understood"),), (trace("out_of_scope", question=question), item), (person,))
    return Answer((turn.say("did_you_mean"),), (item,), (*offers, person))
