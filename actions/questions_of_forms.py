"""The questions that the forms ask, one for each slot, with their buttons."""

from .envelope import form_button, trace
from .turn import Answer, Turn

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
}


def ask(slot: str, turn: Turn, returning: bool = False) -> Answer:
    """The question for ``slot``; ``returning`` marks the way back from another matter."""
    text = turn.say(f"ask_{slot}")
    if returning:
        text = turn.say("back_to", question=text)
    if slot == "goal":
        buttons = tuple(form_button(g.title[:1].upper() + g.title[1:], g.id) for g in turn.pack.goals.values())
    else:
        buttons = tuple(form_button(turn.say(name), value) for value, name in OPTIONS[slot])
    return Answer((text,), (trace("ask_back", slot),), buttons)
