"""Healing signs: normal for this day, or one to show the clinic."""

import re
from dataclasses import replace
from datetime import timedelta

from stipple.care.risk import raising_risk
from stipple.care.signs import sign_window, told_as_over
from stipple.content.safety import risk_text
from stipple.content.schema import Sign

from .contact import session_near
from .days import by_day, claim_note
from .envelope import button, trace
from .turn import Answer, Question, Turn

# "When do the scabs come off" asks for a day; "when I woke up it was itchy" does not.
HOW_LONG = re.compile(
    r"\bwhen (?:do|does|will|should|is|are|am|can|would)\b|\b(?:how (?:long|soon|many days)|what day|which day)\b", re.I
)


def answer(question: Question, turn: Turn) -> Answer:
    """How urgent the sign is on the patient's healing day; the careful reading when the day is unknown."""
    sign = turn.pack.signs[question.topic]
    day = turn.healing.day if turn.healing else turn.sign_day
    window = sign_window(sign, day)
    risk = raising_risk(sign.id, window.urgency, turn.risks)
    if window.urgency == "clinic" and not risk and told_as_over(sign.id, turn.text):
        return Answer((turn.say("sign_over"),), (trace("healing_sign", sign.id, question, urgency="normal"),))
    rule_id = f"healing_sign/{sign.id}/{window.span}"
    words = turn.words(rule_id)
    note = _day_note(question, day, turn) if len(sign.windows) > 1 else ""
    urgency = "doctor" if risk else window.urgency
    facts = {"urgency": urgency, "asked_day": day, "from_record": turn.healing is not None, "risk": risk}
    item = trace("healing_sign", sign.id, question, rule_id=rule_id, wording_version=words.version, **facts)
    raised = (risk_text(turn.pack, risk),) if risk else ()
    near = session_near(turn) if urgency != "normal" else ()
    until = _until(sign, day, turn) if HOW_LONG.search(question.text) and not risk else ""
    lead = [line for line in (note, until) if line]
    # Who has not told the day must not be frightened by what holds late, nor calmed by what holds early.
    unsure = day is None and len(sign.windows) > 1
    said = (" ".join(lead), by_day("healing_sign", sign, turn)) if unsure else (" ".join([*lead, words.text]),)
    told = Answer((*raised, *said, *near), (item,), (button(turn.say("button_person"), "contact/person"),))
    # Only a visitor can tell the day; it is asked where it makes a difference.
    asks = unsure and turn.record is None and not turn.untreated
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
        return turn.say("sign_until", day=last, sign=sign.title)
    on = turn.show_date(session + timedelta(days=last))
    return turn.say("sign_until_date", day=last, date=on, sign=sign.title)


def _day_note(question: Question, day: int | None, turn: Turn) -> str:
    """Which day the answer holds for, and that the record counts from another session than the patient."""
    if day is None:
        return turn.say("sign_unknown_day")
    claimed = claim_note(question, turn)
    return f"{claimed} {turn.say('today', day=day)}" if claimed else turn.say("today", day=day)
