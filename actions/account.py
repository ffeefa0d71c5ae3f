"""Sign-in link, privacy, reminders and personal details."""

from .envelope import simple
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The clinic's own words on the topic."""
    profile = turn.pack.profile
    text = turn.say(question.topic, phone=profile.phone, email=profile.email, privacy=profile.privacy)
    return simple(turn, question, text)
