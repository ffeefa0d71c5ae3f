"""Goals: what somebody hopes for, what is realistic, and what to ask at the visit."""

from .envelope import button, trace
from .turn import Answer, Question, Turn

GENERAL = "general"


def answer(question: Question, turn: Turn) -> Answer:
    """What to know and to expect of the goal."""
    goal = turn.pack.goals[question.topic]
    rule_id = f"goals/{goal.id}"
    words = turn.words(rule_id)
    paragraphs = [words.text, turn.say("goal_expect", expectation=goal.expectation)]
    if goal.sessions_typical:
        paragraphs.append(turn.say("goal_sessions", sessions=goal.sessions_typical))
    paragraphs.append(turn.say("goal_questions", questions=" ".join(goal.questions)))
    item = trace("goals", goal.id, question, rule_id=rule_id, wording_version=words.version)
    return Answer(tuple(paragraphs), (item,), (button(turn.say("button_goals"), "goals/general"),))
