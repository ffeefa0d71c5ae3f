"""Questions that lean on the answer before: "why?", "can it wait?", "how long for?"."""

from stipple.care.levels import LOW_MOOD, needs_doctor
from stipple.content.safety import safety_sentence
from stipple.phrases import RED_FLAG
from stipple.records.alerts import FALSE_ALARM

from . import not_understood, unclear
from .contact import open_now
from .envelope import button, simple, trace
from .questions_of_forms import check_button
from .turn import Answer, Question, Turn

LOW_MOOD_SIGN = f"{RED_FLAG}/{LOW_MOOD}"


def why(question: Question, turn: Turn) -> Answer:
    """The reason for what was said last."""
    items = tuple(t for t in turn.told if t.get("rule_id") in turn.wordings)
    reasons = dict.fromkeys(turn.words(t["rule_id"]).why for t in items)
    paragraphs = tuple(turn.say("why", why=reason) for reason in reasons if reason)
    if not paragraphs:
        return unclear.answer(question, turn)
    return Answer(paragraphs, items, (button(turn.say("button_unclear"), "unclear"),))


def wait(question: Question, turn: Turn) -> Answer:
    """Whether it can wait, by the most urgent level that was told: never lower than that."""
    level = turn.told_level
    if turn.in_form and level == "normal":
        return simple(turn, question, safety_sentence("wait_form", turn.pack))
    offer = check_button(turn) if level == "normal" else button(turn.say("button_person"), "contact/person")
    of_mood = level == "clinic" and LOW_MOOD_SIGN in turn.answered
    again = "_again" if level != "normal" and _told_to_go(level, turn) else ""
    text = safety_sentence("wait_low_mood" if of_mood else f"wait_{level}{again}", turn.pack)
    hours = (open_now(turn),) if level == "clinic" and not of_mood else ()
    return Answer((text, *hours), (trace("healing_sign", "unsure", question, urgency=level),), (offer,))


def _told_to_go(level: str, turn: Turn) -> bool:
    return any(t.get("topic") == "unsure" and t.get("urgency") == level for t in turn.told)


def seen(question: Question, turn: Turn) -> Answer:
    """Somebody who knows has been told: theirs is the word from now on, and the clinic must hear of it."""
    text = safety_sentence("seen", turn.pack)
    return simple(turn, question, text, button(turn.say("button_person"), "contact/person"))


def reminder(question: Question, turn: Turn) -> Answer:
    """Why the conversation is reminded of a danger with each reply: it ends with this, but for a crisis."""
    if not needs_doctor(turn.level):
        return not_understood.answer(not_understood.of(question), turn)
    text = safety_sentence(f"reminded_{turn.level}", turn.pack)
    kind, topic = (question.kind, question.topic) if turn.level == "crisis" else ("feedback", FALSE_ALARM)
    person = button(turn.say("button_person"), "contact/person")
    return Answer((text,), (trace(kind, topic, question),), (person,))


LEANING = {"why": why, "wait": wait, "seen": seen, "reminder": reminder}


def answer(question: Question, turn: Turn) -> Answer:
    """What leans on the last answer; anything else finds nothing to lean on here.

    After an answer it was read as that answer's question again, by `actions.context`.
    """
    if question.topic in LEANING:
        return LEANING[question.topic](question, turn)
    return not_understood.answer(not_understood.of(question), turn)
