"""Greetings, thanks, and who is talking."""

from .envelope import button, simple
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """A short, kind line, with ways on."""
    ways_on = [button(turn.say("button_suits_me"), "eligibility/general")]
    if turn.record:
        ways_on = [button(turn.say("button_today"), "progress/today_plan")]
    offer = ways_on if question.topic in ("greet", "bot") else []
    return simple(turn, question, turn.say(question.topic), *offer)
