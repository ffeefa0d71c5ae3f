"""The action that Rasa's rules name for each kind of message; what they say stands in the subject's own module."""

import asyncio

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from .answering import SUBJECTS, Events, respond


def _action(kind: str) -> type[Action]:
    """The action that answers messages of ``kind``."""

    class SubjectAction(Action):
        def name(self) -> str:
            return f"action_{kind}"

        async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
            # The database work blocks, so it runs beside the event loop.
            return await asyncio.to_thread(respond, dispatcher, tracker, kind != "not_understood")

    return SubjectAction


ACTIONS = [_action(kind) for kind in SUBJECTS]
