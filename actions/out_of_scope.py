"""What the assistant does not answer."""

from .envelope import button, trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """A plain line that says so, and the way to a person."""
    text = turn.say("out_of_scope", phone=turn.pack.profile.phone)
    person = button(turn.say("button_person"), "contact/person")
    return Answer((text,), (trace("out_of_scope", question.topic, question),), (person,))
