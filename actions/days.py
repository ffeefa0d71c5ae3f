"""The days of a question: which it asks about, where the record counts others, and what holds on each."""

import re
from datetime import date

from stipple.care.dates import DayMention
from stipple.care.healing import is_session_day
from stipple.care.session_day import session_day
from stipple.care.telling import begun
from stipple.content.schema import CareTopic, DayRange, Sign

from .turn import SECONDARY, Question, Turn

WHEN = re.compile(
    r"\bwhen\b|\bhow (?:long|soon|many (?:more )?days)\b|\b(?:what|which) day\b|\bhow much longer\b"
    r"|\bstill (?:have to|need to)\b",
    re.IGNORECASE,
)


def days_of(question: Question, turn: Turn) -> list[DayMention]:
    """Days named in the question's own part of the message, or anywhere in it where nothing else is asked."""
    # "Tomorrow? or on the 20th?" asks one thing for two days.
    if len({q.label for q in turn.questions if q.kind not in SECONDARY}) <= 1:
        return list(turn.days)
    start = turn.text.find(question.text)
    own = [d for d in turn.days if start <= d.start < start + len(question.text)]
    # "When can I go to the gym? And I fly on the 20th" asks of the gym for no day of its own.
    return own if own or WHEN.search(question.text) else list(turn.days)


def claim_note(question: Question, turn: Turn) -> str | None:
    """A line for a patient who believes to be on another day, or to have been in on another, than the record says."""
    standing = turn.healing
    if turn.record is None or standing is None:
        return None
    claims = [d.day for d in days_of(question, turn) if d.meaning == "claimed_day"]
    if claims:
        return turn.say("record_differs", said=claims[0], day=standing.day) if claims[0] != standing.day else None
    differs = unrecorded_session(turn) is not None
    return turn.say("session_differs", date=turn.show_date(standing.session_date)) if differs else None


def unrecorded_session(turn: Turn) -> date | None:
    """The day of a session that a patient tells of and that their record does not hold."""
    told = session_day(turn.text, turn.today)
    return told if told and turn.record and not is_session_day(turn.record, told) else None


def by_day(kind: str, entry: CareTopic | Sign, turn: Turn) -> str:
    """What holds in each window of ``entry``, one line each, in its short words."""
    said = ((w, turn.words(f"{kind}/{entry.id}/{w.span}").simpler) for w in entry.windows)
    return "\n".join(f"• {begun(turn.say('by_day', days=span(w, turn), text=text))}" for w, text in said)


def span(window: DayRange, turn: Turn) -> str:
    """The days of ``window`` in words."""
    if window.to_day is None:
        return turn.say("day_open", first=window.from_day)
    if window.to_day == window.from_day:
        return turn.say("day_single", first=window.from_day)
    return turn.say("day_range", first=window.from_day, last=window.to_day)
