"""How a visit to the clinic goes, and how to reach it: what is said there can often be settled on the phone only."""

from dataclasses import replace

from . import approved
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The approved text on the topic, and the clinic's number and email."""
    told = approved.answer(question, turn)
    profile = turn.pack.profile
    return replace(told, paragraphs=(*told.paragraphs, turn.say("phone", phone=profile.phone, email=profile.email)))
