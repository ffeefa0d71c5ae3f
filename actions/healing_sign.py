"""Healing signs: normal for this day, or one to show the clinic."""

from stipple.care.signs import sign_window

from .envelope import button, trace
from .turn import Answer, Question, Turn


def answer(question: Question, turn: Turn) -> Answer:
    """How urgent the sign is on the patient's healing day; the careful reading when the day is unknown."""
    sign = turn.pack.signs[question.topic]
    day = turn.healing.day if turn.healing else turn.told_day
    window = sign_window(sign, day)
    rule_id = f"healing_sign/{sign.id}/{window.span}"
    words = turn.words(rule_id)
    note = turn.say("sign_unknown_day") if day is None else turn.say("today", day=day)
    facts = {"urgency": window.urgency, "asked_day": day, "from_record": turn.healing is not None}
    item = trace("healing_sign", sign.id, question, rule_id=rule_id, wording_version=words.version, **facts)
    return Answer((f"{note} {words.text}",), (item,), (button(turn.say("button_person"), "contact/person"),))
