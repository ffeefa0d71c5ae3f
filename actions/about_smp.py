"""General questions about the treatment."""

from .envelope import trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """The approved text on the topic."""
    rule_id = f"about_smp/{question.topic}"
    words = turn.words(rule_id)
    item = trace("about_smp", question.topic, question, rule_id=rule_id, wording_version=words.version)
    return Answer((words.text,), (item,))
