"""What the assistant does not answer."""

from .envelope import button, trace
from .turn import Answer, Question, Turn

# Where it can be said better than that it is nothing for this chat.
HAS_OWN_SENTENCE = {"billing", "other_person", "other_body_part", "other_medical"}


def answer(question: Question, turn: Turn) -> Answer:
    """A plain line that says so, and the way to a person."""
    name = f"out_of_scope_{question.topic}" if question.topic in HAS_OWN_SENTENCE else "out_of_scope"
    text = turn.say(name, phone=turn.pack.profile.phone, email=turn.pack.profile.email)
    person = button(turn.say("button_person"), "contact/person")
    return Answer((text,), (trace("out_of_scope", question.topic, question),), (person,))
