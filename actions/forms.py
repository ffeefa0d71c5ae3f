"""The eligibility and goals forms: asking, checking what was answered, and the result."""

import asyncio
from abc import ABC, abstractmethod
from itertools import takewhile
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from stipple.care.eligibility import Answers, most_cautious, relevant_conditions
from stipple.care.healing import current_course
from stipple.records.patients import set_goal

from . import goals
from .answering import Events, memory
from .answers_of_forms import SKIP_WORDS, by_place, read_age, read_answer, read_yes_no, says_none
from .envelope import envelope, send, trace
from .knowledge import get_knowledge
from .questions_of_forms import (
    ELIGIBILITY_SLOTS,
    FORM_SLOTS,
    SKIP,
    YES,
    ask,
    change_button,
    options_of,
)
from .turn import Answer, Question, Turn, read_turn

# How somebody wears their hair is no condition to tell the clinic of.
LOOKS = ("shaved_head", "long_hair_density")


def _turn(tracker: Tracker) -> Turn:
    return read_turn(tracker, get_knowledge())


def refuse(dispatcher: CollectingDispatcher, turn: Turn, name: str) -> None:
    """Say why an answer cannot be read; the form asks again."""
    send(dispatcher, [Answer((turn.say(name),), ())])


class FormCheck(FormValidationAction, ABC):
    """The check of a form's answers; a slot that was emptied, to be asked again, holds no answer to check."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name for the check of the form."""

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        """The events of the slots that hold an answer."""
        tracker.events = [e for e in tracker.events if e.get("event") != "slot" or e.get("value") is not None]
        return await super().get_validation_events(dispatcher, tracker, domain)

    def read(self, slot: str, value: str, dispatcher: CollectingDispatcher, turn: Turn, reason: str) -> dict[str, Any]:
        """What ``value`` answers; where it answers nothing, the ``reason`` is said and the form asks again."""
        answer = read_answer(slot, value, turn.today)
        if answer is None:
            refuse(dispatcher, turn, reason)
        return {slot: answer}


class ValidateEligibilityForm(FormCheck):
    """Checks each answer; what cannot be read is asked again with a plain reason."""

    def name(self) -> str:
        """Rasa's name for the validation of the eligibility form."""
        return "validate_eligibility_form"

    def validate_cause(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """A tapped cause, or the condition that the words name; anything else counts as unknown."""
        causes = options_of("cause")
        named = [q.topic for q in _turn(tracker).questions if q.kind == "eligibility" and q.topic != "general"]
        told = value if value in causes else by_place(value, causes) or ("unknown" if SKIP_WORDS.match(value) else None)
        return {"cause": told or next(iter(named), "unknown")}

    def validate_temporary(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """Yes, no or not sure."""
        return self._yes_no("temporary", value, dispatcher, tracker)

    def validate_shaved_look(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """Yes, no or not sure."""
        return self._yes_no("shaved_look", value, dispatcher, tracker)

    def validate_conditions(self, value: Any, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """The conditions that the words name; ``other`` when there are words but none is known."""
        if isinstance(value, list):
            # Checked before: the form was opened again to change another answer.
            return {"conditions": value}
        if says_none(value):
            return {"conditions": []}
        turn = _turn(tracker)
        labels = [q.label for q in turn.questions if q.confidence >= 0.5] + list(turn.mentions)
        named = [x.partition("/")[2] for x in labels if x.startswith("eligibility/")]
        known = [c for c in dict.fromkeys(named) if c in turn.pack.conditions]
        return {"conditions": known or ([] if SKIP_WORDS.match(value) else ["other"])}

    def validate_age(self, value: Any, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """A number of years, or skipped."""
        if isinstance(value, int):
            return {"age": value}
        if value == SKIP or SKIP_WORDS.match(value):
            return {"age": SKIP}
        age = read_age(value)
        if age is None:
            refuse(dispatcher, _turn(tracker), "bad_age")
        return {"age": age}

    def _yes_no(self, slot: str, value: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        return self.read(slot, value, dispatcher, _turn(tracker), "bad_yes_no")


class ValidateGoalsForm(FormCheck):
    """Checks each answer of the goals form."""

    def name(self) -> str:
        """Rasa's name for the validation of the goals form."""
        return "validate_goals_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """Whether to note the goal is asked only where there is a record to note it in."""
        turn = await asyncio.to_thread(_turn, tracker)
        return [slot for slot in domain_slots if slot != "save_goal" or turn.record]

    def validate_goal(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """A tapped goal, or the goal that the words name; then says what to expect of it."""
        turn = _turn(tracker)
        named = [q.topic for q in turn.questions if q.kind == "goals"] + [
            m.partition("/")[2] for m in turn.mentions if m.startswith("goals/")
        ]
        told = value if value in turn.pack.goals else by_place(value, list(turn.pack.goals))
        goal = told or next((g for g in named if g in turn.pack.goals), None)
        if goal:
            send(dispatcher, [goals.answer(Question(f"goals/{goal}", 1.0, turn.text), turn)])
        return {"goal": goal}

    def validate_save_goal(self, value: str, dispatcher: Any, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        """Yes or no."""
        return {"save_goal": read_yes_no(value)}


class ActionEligibilityResult(Action):
    """Says what the answers point to, the stance and the next step."""

    def name(self) -> str:
        """Rasa's name for the result of the eligibility form."""
        return "action_eligibility_result"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer with every condition that applies, most cautious stance first."""
        turn = await asyncio.to_thread(_turn, tracker)
        told = [eligibility_result(_form_answers(tracker), turn)]
        send(dispatcher, told)
        return memory(told, turn)


def _form_answers(tracker: Tracker) -> Answers:
    told = {slot: tracker.get_slot(slot) for slot in ELIGIBILITY_SLOTS}
    return Answers(
        cause=told["cause"],
        temporary=told["temporary"] == YES,
        conditions=tuple(told["conditions"] or ()),
        age=told["age"] if isinstance(told["age"], int) else None,
        shaved_look=told["shaved_look"] == YES,
    )


def eligibility_result(answers: Answers, turn: Turn) -> Answer:
    """The most cautious stance over all conditions that apply, with the texts and next steps of that stance."""
    known = turn.pack.conditions
    found = [known[c] for c in relevant_conditions(answers) if c in known]
    other = "other" in answers.conditions
    stance = most_cautious([c.stance for c in found] + (["clinic_decides"] if other else []))
    decisive = [c for c in found if c.stance == stance]
    steps = dict.fromkeys(turn.say("next_step", step=c.next_step) for c in decisive)
    texts = [turn.words(f"eligibility/{c.id}").text for c in decisive]
    rest = ", ".join(c.title for c in found if c not in decisive and c.id not in LOOKS)
    beside = [turn.say("eligibility_beside", conditions=rest)] if rest else []
    items = tuple(
        trace("eligibility", c.id, verdict=c.stance, rule_id=f"eligibility/{c.id}",
              wording_version=turn.words(f"eligibility/{c.id}").version)
        for c in decisive
    )  # fmt: skip
    paragraphs = (turn.say(f"stance_{stance}"), *texts, *steps, *beside, turn.say("eligibility_caution"))
    return Answer(paragraphs, items or (trace("eligibility", "other", verdict=stance),), (change_button(turn),))


class ActionGoalsResult(Action):
    """Notes the goal on the patient's course when they say so; a visitor has no record to note it in."""

    def name(self) -> str:
        """Rasa's name for the result of the goals form."""
        return "action_goals_result"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Save the goal on the current course of the conversation's patient."""
        goal = str(tracker.get_slot("goal"))
        turn = await asyncio.to_thread(_turn, tracker)
        wanted = tracker.get_slot("save_goal") == YES
        saved = wanted and await asyncio.to_thread(self._save, tracker, goal)
        name = "goal_saved" if saved else "goal_no_record" if wanted or not turn.record else "goal_not_saved"
        item = trace("goals", goal, value="saved" if saved else None)
        told = [Answer((turn.say(name, phone=turn.pack.profile.phone),), (item,), (change_button(turn),))]
        send(dispatcher, told)
        return memory(told, turn)

    def _save(self, tracker: Tracker, goal: str) -> bool:
        turn = _turn(tracker)
        course = current_course(turn.record, turn.now) if turn.record else None
        if course is None:
            return False
        with get_knowledge().database.begin() as db:
            return set_goal(db, tracker.sender_id, course.id, goal)


def _asking(slot: str) -> type[Action]:
    """An action that asks the form's question for ``slot``."""

    class AskSlot(Action):
        def name(self) -> str:
            return f"action_ask_{slot}"

        async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
            turn = await asyncio.to_thread(_turn, tracker)
            send(dispatcher, [ask(slot, turn, returning=_comes_back(slot, tracker))])
            return []

    return AskSlot


def _comes_back(slot: str, tracker: Tracker) -> bool:
    """Whether the form asks this again because something else was answered since the patient's last words."""
    since = list(takewhile(lambda event: event["event"] != "user", reversed(tracker.events)))
    begins = any(event["event"] == "active_loop" for event in since)
    answered = any(envelope(event).get("answers") for event in since if event["event"] == "bot")
    return answered and not begins and tracker.get_slot("requested_slot") == slot


ASKING = [_asking(slot) for slots in FORM_SLOTS.values() for slot in slots]
