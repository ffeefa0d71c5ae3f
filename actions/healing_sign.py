"""Healing signs: normal for this day, or one to show the clinic."""

import re
from dataclasses import replace
from datetime import timedelta

from stipple.care.risk import raising_risk
from stipple.care.signs import sign_window
from stipple.content.safety import risk_text
from stipple.content.schema import Sign, SignWindow

from .contact import session_near
from .envelope import button, trace
from .turn import Answer, Question, Turn

# "When do the scabs come off" asks for a day; "when I woke up it was itchy" does not.
HOW_LONG = re.compile(
    r"\bwhen (?:do|does|will|should|is|are|am|can|would)\b|\b(?:how (?:long|soon|many days)|what day|which day)\b", re.I
)


def answer(question: Question, turn: Turn) -> Answer:
    """How urgent the sign is on the patient's healing day; the careful reading when the day is unknown."""
    sign = turn.pack.signs[question.topic]
    day = turn.healing.day if turn.healing else turn.told_day
    window = sign_window(sign, day)
    rule_id = f"healing_sign/{sign.id}/{window.span}"
    words = turn.words(rule_id)
    note = f"{_day_note(day, window, turn)} " if len(sign.windows) > 1 else ""
    risk = raising_risk(sign.id, window.urgency, turn.risks)
    urgency = "doctor" if risk else window.urgency
    facts = {"urgency": urgency, "asked_day": day, "from_record": turn.healing is not None, "risk": risk}
    item = trace("healing_sign", sign.id, question, rule_id=rule_id, wording_version=words.version, **facts)
    raised = (risk_text(turn.pack, risk),) if risk else ()
    near = session_near(turn) if urgency != "normal" else ()
    until = _until(sign, day, turn) if HOW_LONG.search(question.text) and not risk else ""
    told = Answer(
        (*raised, note + until + words.text, *near), (item,), (button(turn.say("button_person"), "contact/person"),)
    )
    # Only a visitor can tell the day; it is asked where it makes a difference.
    asks = day is None and turn.record is None and not turn.untreated and len(sign.windows) > 1
    return _asking_the_day(told, turn) if asks else told


def _asking_the_day(told: Answer, turn: Turn) -> Answer:
    asked = trace("ask_back", "session_date")
    return replace(told, paragraphs=(*told.paragraphs, turn.say("ask_session_date")), traces=(*told.traces, asked))


def _until(sign: Sign, day: int | None, turn: Turn) -> str:
    """Up to which day the sign is normal, with its date where it is known; empty where it never is, or no longer."""
    last = max((w.to_day for w in sign.windows if w.urgency == "normal" and w.to_day is not None), default=None)
    if last is None or (day is not None and day > last):
        return ""
    session = turn.healing.session_date if turn.healing else turn.told_session_before(turn.today)
    if session is None:
        return turn.say("sign_until", day=last, sign=sign.title) + " "
    on = turn.show_date(session + timedelta(days=last))
    return turn.say("sign_until_date", day=last, date=on, sign=sign.title) + " "


def _day_note(day: int | None, window: SignWindow, turn: Turn) -> str:
    """Which day the answer holds for; said only where the day makes a difference."""
    return turn.say("sign_unknown_day", first=window.from_day) if day is None else turn.say("today", day=day)
