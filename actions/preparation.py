"""What to do or leave out before a session."""

from .envelope import button, trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The approved text on the topic."""
    topic = turn.pack.preparation[question.topic]
    rule_id = f"preparation/{topic.id}"
    words = turn.words(rule_id)
    facts = {"verdict": topic.verdict, "rule_id": rule_id, "wording_version": words.version}
    return Answer(
        (words.text,),
        (trace("preparation", topic.id, question, **facts),),
        (button(turn.say("button_why"), "followup/why"), button(turn.say("button_unclear"), "unclear")),
    )
