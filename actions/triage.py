"""The three questions about a worry that cannot be named, and the level they end in."""

import asyncio
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from stipple.care.triage import SIGNS, triage_level
from stipple.content.safety import safety_sentence

from . import red_flag
from .answering import Events, memory
from .contact import open_now
from .context import in_context
from .envelope import button, send, trace
from .forms import FormCheck
from .knowledge import get_knowledge
from .turn import Answer, Question, Turn, read_turn

# Levels that have words of their own for who was told of them before, and whose answers alone would end lower.
HELD = ("clinic", "doctor")


class ValidateTriageForm(FormCheck):
    """Checks each answer; what cannot be read is asked again with a plain reason."""

    def name(self) -> str:
        """Rasa's name for the validation of the triage form."""
        return "validate_triage_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """The session's date is asked only when no record holds it."""
        turn = await asyncio.to_thread(read_turn, tracker, get_knowledge())
        known = turn.healing is not None or turn.told_day is not None
        return [slot for slot in domain_slots if slot != "triage_date" or not known]

    def validate_triage_date(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """A past date; ``not_sure`` when the patient does not know it, or has had no session yet."""
        turn = in_context(read_turn(tracker, get_knowledge()))
        told = {"session_date": turn.session_date and turn.session_date.isoformat(), "untreated": turn.untreated}
        return self.read("triage_date", value, dispatcher, turn, "bad_option") | told

    def validate_triage_change(
        self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Better, the same or worse than yesterday."""
        return self._option("triage_change", value, dispatcher, tracker)

    def validate_triage_sign(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """One of the signs that decide, or none."""
        return self._option("triage_sign", value, dispatcher, tracker)

    def _option(self, slot: str, value: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        return self.read(slot, value, dispatcher, read_turn(tracker, get_knowledge()), "bad_option")


class ActionTriageResult(Action):
    """Says how urgent the worry is and what to do."""

    def name(self) -> str:
        """Rasa's name for the result of the triage form."""
        return "action_triage_result"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer with the danger sign that was named, else with the level that the day and the change point to."""
        turn = await asyncio.to_thread(read_turn, tracker, get_knowledge())
        told = [triage_result(tracker.get_slot("triage_change"), tracker.get_slot("triage_sign"), turn)]
        send(dispatcher, told)
        return memory(told, turn)


def triage_result(change: Any, sign: Any, turn: Turn) -> Answer:
    """The safety text of the sign, or the text of the level; the level is never below one told before."""
    if sign in SIGNS:
        return red_flag.answer(Question(f"red_flag/{SIGNS[sign]}", 1.0, turn.text), turn)
    day = turn.healing.day if turn.healing else turn.told_day
    level = triage_level(day, change, turn.told_level)
    held = "_held" if level in HELD and triage_level(day, change, "normal") != level else ""
    item = trace("healing_sign", "unsure", urgency=level, asked_day=day, from_record=turn.healing is not None)
    text = safety_sentence(f"triage_{level}{held}", turn.pack)
    hours = (open_now(turn),) if level == "clinic" else ()
    return Answer((text, *hours), (item,), (button(turn.say("button_person"), "contact/person"),))
