"""What to do or leave out before a session."""

from dataclasses import replace
from datetime import timedelta

from stipple.care.dates import DayMention
from stipple.care.telling import begun
from stipple.content.schema import PreparationTopic

from . import aftercare
from .days import days_of
from .envelope import button, trace
from .turn import PREPARING, Answer, Question, Turn

# Between two sessions the care plan holds too: who may not run on day 5 may not run the day before the next session.
WHILE_HEALING = {
    "alcohol": "alcohol",
    "caffeine": "caffeine",
    "exercise": "exercise",
    "moisturise": "moisturiser",
    "shave": "electric_shaver",
    "skincare_actives": "skincare_actives",
    "tan": "tanning",
    "wash": "shampoo",
}

# The other way round: what the care plan allows on a day may be out so many days before the next session.
NEAR_SESSION = {
    "alcohol": ("alcohol", 1),
    "caffeine": ("caffeine", 1),
    "razor": ("shave", 2),
    "skincare_actives": ("skincare_actives", 7),
    "tanning": ("tan", 7),
}


def answer(question: Question, turn: Turn) -> Answer:
    """The approved text on the topic, after what the healing under way forbids; or the list of all topics."""
    if question.label == PREPARING:
        return _all(question, turn)
    before, healing = _before_session(question, turn), _while_healing(question, turn)
    return _of_parts(before, healing, before)


def with_session_near(question: Question, care: Answer, turn: Turn) -> Answer:
    """``care``, what the care plan says of the question, with what holds before the next session where that is near."""
    topic, days = NEAR_SESSION.get(question.topic, ("", 0))
    label = f"preparation/{topic}"
    session, is_asked = turn.session_ahead, any(q.label == label for q in turn.questions)
    if not topic or session is None or is_asked or all(t.get("verdict") == "avoid" for t in care.traces):
        return care
    asked = [on for day in days_of(question, turn) for on in day.dates] or [turn.today]
    if not any(0 <= (session - on).days <= days for on in asked):
        return care
    before = _before_session(replace(question, label=label), turn)
    # Nobody knows of a session behind that the rules of healing could count from: what is to come is told first.
    parts = (care, before) if turn.record or turn.session_date else (before, care)
    return _of_parts(care, *parts)


def _of_parts(main: Answer, *parts: Answer) -> Answer:
    """What ``parts`` tell one after the other, with the buttons of ``main``."""
    paragraphs, traces = (p for part in parts for p in part.paragraphs), (t for part in parts for t in part.traces)
    return replace(main, paragraphs=tuple(paragraphs), traces=tuple(traces))


def _all(question: Question, turn: Turn) -> Answer:
    """The first sentence of the short wording of every topic, a line for each."""
    session = turn.session_ahead
    lead = turn.say("before_session", date=turn.show_date(session)) if session else turn.say("before_any_session")
    lines = [_line(topic, turn) for topic in turn.pack.preparation.values()]
    return Answer(("\n".join([lead, *lines]),), (trace("preparation", question.topic, question),))


def _line(topic: PreparationTopic, turn: Turn) -> str:
    text, title = turn.words(f"preparation/{topic.id}").simpler, begun(topic.title.removesuffix(" before a session"))
    return f"• {title}: {text.partition('. ')[0].rstrip('.')}."


def _while_healing(question: Question, turn: Turn) -> Answer:
    """The word of the care plan on the days asked about; empty where it forbids nothing, or no session lies back.

    Where no day is named it is the day before the session; on the session's own day the count begins anew.
    """
    topic, session = WHILE_HEALING.get(question.topic), turn.session_ahead
    if topic is None or session is None or (turn.healing is None and turn.session_date is None):
        return Answer((), ())
    eve = max(session - timedelta(days=1), turn.today)
    named = tuple(m for m in turn.days if m.dates and max(m.dates) < session)
    days = named or (DayMention("date", 0, 0, dates=(eve,)),)
    told = aftercare.answer(replace(question, label=f"aftercare/{topic}"), replace(turn, days=days))
    return told if any(t.get("verdict") == "avoid" for t in told.traces) else Answer((), ())


def _before_session(question: Question, turn: Turn) -> Answer:
    topic = turn.pack.preparation[question.topic]
    rule_id = f"preparation/{topic.id}"
    words = turn.words(rule_id)
    facts = {"verdict": topic.verdict, "rule_id": rule_id, "wording_version": words.version}
    return Answer(
        (words.text,),
        (trace("preparation", topic.id, question, **facts),),
        (button(turn.say("button_why"), "followup/why"), button(turn.say("button_unclear"), "unclear")),
    )
