"""Skipping a form's question, stopping it, asking why it asks, and changing an answer, also after its end."""

import asyncio
import re

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from .answering import Events, respond
from .answers_of_forms import by_place, read_age, read_answer
from .envelope import send, trace
from .knowledge import get_knowledge
from .questions_of_forms import FORM_SLOTS, SKIP, answered_slots, ask_which, options_of
from .turn import Answer, Turn, read_turn

CHANGE = "change_"
# "old enough" sounds like a wish to stop, but answers the question about age.
ABOUT_AGE = re.compile(r"\b(old|older|young|younger|years?|age|aged)\b", re.IGNORECASE)


class ActionFormControl(Action):
    """What the patient wants with the form that is open, or that has just ended."""

    def name(self) -> str:
        """Rasa's name for the control of forms."""
        return "action_form_control"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Do what the patient wants; without any form the message is read as a question instead."""
        form = _form(tracker)
        if form is None:
            return await asyncio.to_thread(respond, dispatcher, tracker)
        turn = await asyncio.to_thread(read_turn, tracker, get_knowledge())
        wish = turn.questions[0].topic if turn.questions else ""
        slot = tracker.get_slot("requested_slot") if tracker.active_loop else None
        if wish == "stop" and slot == "age" and ABOUT_AGE.search(turn.text):
            send(dispatcher, [Answer((turn.say("bad_age"),), ())])
            return []
        if wish == "stop":
            send(dispatcher, [Answer((turn.say("form_stopped"),), (trace("smalltalk", "deny"),))])
            return [ActiveLoop(None), *_cleared(form), SlotSet("requested_slot", None)]
        if wish.startswith(CHANGE):
            return [SlotSet(wish.removeprefix(CHANGE), None), FollowupAction(form)]
        if wish in ("change", "correct"):
            return _correct(dispatcher, tracker, turn, form, slot)
        if slot is None:
            return await asyncio.to_thread(respond, dispatcher, tracker)
        if wish == "skip":
            # "The second one" of the shown answers is none to leave out.
            counted = by_place(turn.text, options_of(slot))
            return [SlotSet(slot, counted or SKIP), FollowupAction(form)]
        send(dispatcher, [Answer((turn.say("form_why"),), ())])
        # "43, why do you need my age" answers too.
        age = read_age(turn.text) if slot == "age" else None
        return [] if age is None else [SlotSet("age", age), FollowupAction(form)]


def _form(tracker: Tracker) -> str | None:
    """The open form, or the one that has ended and whose answers are still there."""
    if tracker.active_loop:
        return str(tracker.active_loop["name"])
    return next((form for form in FORM_SLOTS if answered_slots(tracker, form)), None)


def _cleared(form: str) -> Events:
    return [SlotSet(slot, None) for slot in FORM_SLOTS[form]]


def _correct(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, form: str, slot: str | None) -> Events:
    """Change the answer that the words themselves correct, or ask which one is meant."""
    answered = answered_slots(tracker, form)
    age = read_age(turn.text)
    if age is not None and "age" in (slot, *answered):
        return [SlotSet("age", age), FollowupAction(form)]
    told = read_answer(slot, turn.text, turn.today) if slot else None
    if told is not None:
        return [SlotSet(str(slot), told), FollowupAction(form)]
    if answered:
        send(dispatcher, [ask_which(answered, turn)])
    return []
