"""What one approved text tells: the treatment in general, and a visit to the clinic."""

from .envelope import trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The approved text on the topic."""
    words = turn.words(question.label)
    item = trace(question.kind, question.topic, question, rule_id=question.label, wording_version=words.version)
    return Answer((words.text,), (item,))
