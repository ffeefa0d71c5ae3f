"""What the patient thinks of an answer."""

from .envelope import button, simple
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """Thanks, or an offer to say it another way or to reach a person."""
    text = turn.say(f"feedback_{question.topic}", phone=turn.pack.profile.phone)
    offer = () if question.topic == "clear" else (button(turn.say("button_person"), "contact/person"),)
    return simple(turn, question, text, *offer)
