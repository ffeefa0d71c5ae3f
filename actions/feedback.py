"""What the patient thinks of an answer."""

from stipple.care.levels import needs_doctor
from stipple.content.safety import safety_sentence
from stipple.records import alerts

from .envelope import button, simple
from .turn import Answer, Question, Turn

# "I am not ill, it was a joke": the number to call stays in the answer, in case it is played down.
FALSE_ALARM = f"feedback/{alerts.FALSE_ALARM}"


def answer(question: Question, turn: Turn) -> Answer:
    """Thanks, or an offer to say it another way or to reach a person."""
    if question.label == FALSE_ALARM:
        # What takes a worry or a dark thought back is often said to play it down.
        level = f"_{turn.told_level}" if needs_doctor(turn.told_level) else ""
        return simple(turn, question, safety_sentence(f"feedback_false_alarm{level}", turn.pack))
    text = turn.say(f"feedback_{question.topic}", phone=turn.pack.profile.phone)
    offer = () if question.topic == "clear" else (button(turn.say("button_person"), "contact/person"),)
    return simple(turn, question, text, *offer)
