"""The questions that the forms ask, one for each slot, with their buttons."""

import re
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from stipple.care.telling import begun

from .envelope import button, form_button, trace
from .turn import HOW_SOON, Answer, Button, Turn

ELIGIBILITY_SLOTS = ("cause", "temporary", "conditions", "age", "shaved_look")
FORM_SLOTS = {
    "eligibility_form": ELIGIBILITY_SLOTS,
    "goals_form": ("goal", "save_goal"),
    "triage_form": ("triage_date", "triage_change", "triage_sign"),
}
YES, NO, NOT_SURE, NONE, SKIP = "yes", "no", "not_sure", "none", "skip"
YES_NO = ((YES, "button_yes"), (NO, "button_no"))
CAUSES = (
    ("pattern_hair_loss", "cause_pattern"),
    ("transplant_scar", "cause_scar"),
    ("alopecia_areata", "cause_patches"),
    ("scarring_alopecia", "cause_scarring"),
    ("unknown", "cause_unknown"),
)
OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "cause": CAUSES,
    "temporary": (*YES_NO, (NOT_SURE, "button_not_sure")),
    "conditions": ((NONE, "button_none"),),
    "age": ((SKIP, "button_skip"),),
    "shaved_look": YES_NO,
    "save_goal": YES_NO,
    "triage_date": ((NOT_SURE, "button_not_sure"),),
    "triage_change": (
        ("better", "change_better"),
        ("same", "change_same"),
        ("worse", "change_worse"),
        (NOT_SURE, "button_not_sure"),
    ),
    "triage_sign": (
        ("breathing", "sign_breathing"),
        ("face", "sign_face"),
        ("fever", "sign_fever"),
        ("pus", "sign_pus"),
        ("spreading", "sign_spreading"),
        (NONE, "button_none"),
    ),
}


# "Change my answer about how short", "I put the age wrong".
CHANGES = re.compile(
    r"\b(?:change|correct|fix|redo)\b.{0,20}\banswers?\b|\b(?:put|gave|said|answered)\b.{0,20}\bwrong\b", re.IGNORECASE
)


def ask(slot: str, turn: Turn, returning: bool = False) -> Answer:
    """The question for ``slot``; ``returning`` marks the way back from another matter."""
    text = turn.say(f"ask_{slot}")
    if returning:
        text = turn.say("back_to", question=text)
    if slot == "goal":
        buttons = tuple(form_button(begun(g.title), g.id) for g in turn.pack.goals.values())
    else:
        buttons = tuple(form_button(turn.say(name), value) for value, name in OPTIONS[slot])
    return Answer((text,), (trace("ask_back", slot),), buttons)


def change_button(turn: Turn) -> Button:
    """Offered with a form's result: back to one of the answers."""
    return button(turn.say("button_change"), "form_control/change")


def check_button(turn: Turn) -> Button:
    """Offers the three questions about a worry."""
    return button(turn.say("button_check"), HOW_SOON)


def options_of(slot: str) -> list[str]:
    """What a tap can answer to the question for ``slot``, in the order shown."""
    return [value for value, _ in OPTIONS.get(slot, ())]


def ask_which(slots: list[str], turn: Turn) -> Answer:
    """Which of the given answers shall be changed."""
    buttons = tuple(button(turn.say(f"answer_{slot}"), f"form_control/change_{slot}") for slot in slots)
    return Answer((turn.say("ask_change"),), (trace("ask_back", "change"),), buttons)


def wants_change(tracker: Tracker, text: str) -> list[str]:
    """The answers of an ended form, where ``text`` asks to change one of them."""
    asked = not tracker.active_loop and CHANGES.search(text)
    return [slot for form in FORM_SLOTS for slot in answered_slots(tracker, form)] if asked else []


def answered_slots(tracker: Tracker, form: str) -> list[str]:
    """The slots of ``form`` that hold an answer."""
    return [slot for slot in FORM_SLOTS[form] if tracker.get_slot(slot) is not None]


def forgotten(tracker: Tracker) -> list[dict[str, Any]]:
    """An ended form keeps its answers, so that one can be changed, until the patient turns to something else."""
    if tracker.active_loop:
        return []
    return [SlotSet(slot, None) for form in FORM_SLOTS for slot in answered_slots(tracker, form)]
