"""From a turn to its answers: each question to its subject, danger signs first, and what to remember."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from stipple.care.levels import LOW_MOOD, most_urgent
from stipple.records.alerts import SETTLES

from . import (
    account,
    aftercare,
    approved,
    contact,
    eligibility,
    feedback,
    followup,
    goals,
    healing_sign,
    not_understood,
    out_of_scope,
    preparation,
    progress,
    red_flag,
    smalltalk,
    unclear,
    visit,
)
from .answers_of_forms import asks_too, begins_as_answer, own_age, read_answer
from .context import CLEAR, FROM_CONTEXT, WAIT, in_context
from .envelope import offers, send, trace
from .knowledge import get_knowledge
from .not_again import not_again
from .questions_of_forms import ask_which, check_button, forgotten, wants_change
from .said_once import said_once
from .turn import HOW_SOON, SECONDARY, Answer, Question, Trace, Turn, read_turn

Events = list[dict[str, Any]]

SUBJECTS: dict[str, Callable[[Question, Turn], Answer]] = {
    "about_smp": approved.answer,
    "account": account.answer,
    "aftercare": aftercare.answer,
    "contact": contact.answer,
    "eligibility": eligibility.answer,
    "feedback": feedback.answer,
    "followup": followup.answer,
    "goals": goals.answer,
    "healing_sign": healing_sign.answer,
    "not_understood": not_understood.answer,
    "out_of_scope": out_of_scope.answer,
    "preparation": preparation.answer,
    "progress": progress.answer,
    "red_flag": red_flag.answer,
    "smalltalk": smalltalk.answer,
    "unclear": unclear.answer,
    "visit": visit.answer,
}
FORMS = {
    "eligibility/general": "eligibility_form",
    "goals/general": "goals_form",
    HOW_SOON: "triage_form",
}
LIKELY_BESIDE_A_DANGER = 0.2
# Where the screening finds nothing wrong beyond what it raised, Rasa must be this sure of another sign: of six thousand
# messages that neither had learned from, it was right in one of nine where it was 0.99 sure of a sign that the
# screening did not see.
SURE = 0.998
# From this probability on, the patient is offered the three questions, though no sign was raised.
UNSURE = 0.05
MAY_TELL_OF_A_WORRY = {"aftercare", "healing_sign", "not_understood", "unclear"}
# A form's answer is often read as one of the other kinds: "worse" as a healing sign, "45" as nothing at all.
ASKS_BESIDE_A_FORM = {"about_smp", "account", "aftercare", "contact", "preparation", "red_flag", "visit"}
ADVISES, NOT_HELD_BACK = {"aftercare", "preparation", "progress"}, {"ok", "do", "care"}
# What is said of a danger, or of the advice to be seen, is answered beside whatever else is asked.
ON_THE_DANGER = {*SETTLES, "wait", "reminder"}
# Beside these nothing else is offered: a danger sign stands alone, and "Did you mean …?" has its own buttons.
NOTHING_BESIDE = {"red_flag", "did_you_mean"}
# What "why?" and "I don't understand" can refer back to.
MEMORABLE = {*SUBJECTS} - SECONDARY - {"red_flag"}


def respond(dispatcher: CollectingDispatcher, tracker: Tracker, understood: bool = True) -> Events:
    """Answer every question of the message and return what Rasa shall remember."""
    turn = in_context(read_turn(tracker, get_knowledge()))
    filled = _filled(tracker, turn)
    if filled:
        answers = _asked_beside(filled[0]["name"], turn)
        if answers:
            send(dispatcher, answers)
        return [*memory(answers, turn), *filled]
    changeable = wants_change(tracker, turn.text)
    if changeable:
        send(dispatcher, [ask_which(changeable, turn)])
        return []
    questions = _to_answer(turn, understood)
    form = next((FORMS[q.label] for q in questions if q.label in FORMS), None) if not turn.dangers else None
    answers = _without_comfort([not_again(q, _answer(q, turn), turn) for q in questions])
    answers = said_once(_when_all_is_well(answers, turn), turn)
    alone = any(q.kind == "red_flag" and red_flag.stands_alone(q, turn) for q in questions)
    if _is_unsure(questions, turn) and not form and not _tell_danger(answers):
        answers.append(Answer((turn.say("offer_check"),), (), (check_button(turn),)))
    elif not form:
        answers += _offered_beside(answers, turn)
    send(dispatcher, answers)
    events = [*memory(answers, turn), *forgotten(tracker)]
    if alone and tracker.active_loop:
        events += [ActiveLoop(None), SlotSet("requested_slot", None)]
    return [*events, *_told_before(form, turn), FollowupAction(form)] if form else events


def _told_before(form: str, turn: Turn) -> Events:
    """What a form need not ask, because the message that opens it tells it."""
    age = own_age(turn.text) if form == FORMS["eligibility/general"] else None
    return [SlotSet("age", age)] if age else []


def _filled(tracker: Tracker, turn: Turn) -> Events:
    """What fills the open form's question, where the message answers it and does not only ask something else."""
    if not tracker.active_loop or turn.dangers:
        return []
    slot = str(tracker.get_slot("requested_slot"))
    answer, asks = read_answer(slot, turn.text, turn.today), _clearly_beside(turn) or asks_too(turn.text)
    if answer is None or (asks and not begins_as_answer(turn.text)):
        return []
    return [SlotSet(slot, answer), FollowupAction(str(tracker.active_loop["name"]))]


def _asked_beside(slot: str, turn: Turn) -> list[Answer]:
    """The answers to what is clearly asked beside the answer to ``slot``; the three questions end in their own word."""
    asks = asks_too(turn.text) and not slot.startswith("triage_")
    return [_answer(q, turn) for q in _clearly_beside(turn)] if asks else []


def _clearly_beside(turn: Turn) -> list[Question]:
    return [q for q in turn.questions if q.kind in ASKS_BESIDE_A_FORM and q.confidence >= CLEAR]


def _to_answer(turn: Turn, understood: bool) -> list[Question]:
    dangers = _dangers(turn)
    alone = [q for q in dangers if red_flag.stands_alone(q, turn)]
    if alone:
        return alone[:1]
    first = turn.questions[0] if turn.questions else None
    if first and first.confidence < FROM_CONTEXT and not understood and not dangers:
        is_on_advice = turn.told_how_soon and turn.told_level != "normal"
        return [replace(first, label=WAIT) if is_on_advice else not_understood.of(first)]
    questions = [q if q.kind != "red_flag" else _harmless(q) for q in turn.questions]
    main = [*dangers, *(q for q in questions if q and (q.kind not in SECONDARY or _is_on_the_danger(q, turn)))]
    beside = [q for q in questions if q and q.kind != "form_control"]
    return main or beside[:1] or [not_understood.of(turn.questions[0])]


def _without_comfort(answers: list[Answer]) -> list[Answer]:
    """``answers`` without what is normal for the day, where a danger sign is told: the two would contradict."""
    if not _tell_danger(answers):
        return answers
    normal = {"kind": "healing_sign", "urgency": "normal"}.items()
    return [a for a in answers if not any(normal <= t.items() for t in a.traces)]


def _when_all_is_well(answers: list[Answer], turn: Turn) -> list[Answer]:
    """``answers``; where a doctor must look at the scalp first, the first that allows something begins with that."""
    levels = [turn.level, *(t.get("urgency", "normal") for a in answers for t in a.traces)]
    allows = (n for n, a in enumerate(answers) if any(t["kind"] in ADVISES and _allows(t) for t in a.traces))
    first = next(allows, None)
    if first is None or most_urgent(levels) not in ("doctor", "emergency") or _settle_danger(answers):
        return answers
    after = replace(answers[first], paragraphs=(turn.say("until_seen"), *answers[first].paragraphs))
    return [*answers[:first], after, *answers[first + 1 :]]


def _allows(item: Trace) -> bool:
    return item.get("verdict") in NOT_HELD_BACK or item.get("topic") == "too_soon"


def _tell_danger(answers: list[Answer]) -> bool:
    return any(t["kind"] == "red_flag" for a in answers for t in a.traces)


def _settle_danger(answers: list[Answer]) -> bool:
    return any(t.get("topic") in SETTLES for a in answers for t in a.traces)


def _is_on_the_danger(question: Question, turn: Turn) -> bool:
    """Whether it is about being seen, in a conversation that is marked as one of danger: no aside there."""
    return question.topic in ON_THE_DANGER and turn.in_danger


def _dangers(turn: Turn) -> list[Question]:
    """The signs that the gateway's screening raised, and Rasa's own.

    Rasa's are left out where the screening found them taken back, or where it finds nothing wrong and Rasa is not sure.
    """
    screened = [Question(f"red_flag/{flag}", 1.0, turn.text) for flag in turn.dangers]
    own = [q for q in turn.questions if q.kind == "red_flag" and q.topic not in turn.taken_back and _believed(q, turn)]
    return list({q.label: q for q in (*own, *screened)}.values())


def _believed(danger: Question, turn: Turn) -> bool:
    """Whether Rasa is sure enough of a sign that the screening did not raise."""
    # A crisis is told in the words of low mood: where the screening finds this, it speaks for a crisis too.
    seen = LOW_MOOD in turn.dangers and turn.pack.red_flags[danger.topic].level == "crisis"
    return seen or not turn.calm or danger.confidence >= SURE


def _is_unsure(questions: list[Question], turn: Turn) -> bool:
    if turn.in_form or turn.danger_probability is None or turn.danger_probability < UNSURE:
        return False
    return any(q.kind in MAY_TELL_OF_A_WORRY for q in questions)


def _offered_beside(answers: list[Answer], turn: Turn) -> list[Answer]:
    """Buttons for what the message may ask beside what was answered, so that nothing is dropped unsaid."""
    told = [t for a in answers for t in a.traces]
    if turn.in_form or (turn.in_danger and not _settle_danger(answers)):
        return []
    if any({t["kind"], t.get("topic")} & NOTHING_BESIDE for t in told):
        return []
    known = {f"{t['kind']}/{t.get('topic')}" for t in told} | {t.get("intent") for t in told}
    buttons = offers((label for label in turn.possible if label not in known), turn)
    return [Answer((turn.say("offer_beside"),), (), buttons)] if buttons else []


def _harmless(danger: Question) -> Question | None:
    """What else the part of the message that sounded dangerous may ask; None when it is nothing likely."""
    others = [(label, chance) for label, chance in danger.others if not label.startswith("red_flag")]
    likely = [Question(label, chance, danger.text) for label, chance in others if chance >= LIKELY_BESIDE_A_DANGER]
    return likely[0] if likely else None


def _answer(question: Question, turn: Turn) -> Answer:
    if question.label in FORMS:
        return Answer((), (trace(question.kind, question.topic, question),))
    told = SUBJECTS[question.kind](question, turn)
    return preparation.with_session_near(question, told, turn) if question.kind == "aftercare" else told


def memory(answers: list[Answer], turn: Turn) -> Events:
    """What Rasa shall remember of ``answers``."""
    items = [t for a in answers for t in a.traces]
    missed = any(t["kind"] == "unclear" or t.get("topic") == "did_you_mean" for t in items)
    events = [
        SlotSet("misses", turn.misses + 1 if missed else 0),
        SlotSet("awaiting_session_date", any(t.get("topic") == "session_date" for t in items)),
        SlotSet("session_date", turn.session_date.isoformat() if turn.session_date else None),
        SlotSet("next_session", turn.next_session.isoformat() if turn.next_session else None),
        SlotSet("untreated", turn.untreated),
    ]
    told = [t for t in items if t["kind"] in MEMORABLE and t.get("topic")]
    if told or _settle_danger(answers):
        events.append(SlotSet("told", told))
    return events
