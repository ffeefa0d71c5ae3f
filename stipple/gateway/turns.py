"""One turn: the patient's message is logged, answered by the engine or the fallback, and the reply is logged."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from stipple.content.pack import Pack
from stipple.gateway.choices import offered, tapped
from stipple.gateway.engine import UNSCREENED, Engine, EngineError, Reply, neutralise
from stipple.gateway.keeping import keep_reply
from stipple.gateway.notifier import Notifier
from stipple.gateway.reading_in import ReadingIn
from stipple.gateway.safety import beyond_suspicion, ensured, fallback_reply, safety_reply, watched
from stipple.records.alerts import is_denied, open_alert
from stipple.records.conversations import (
    Before,
    add_message,
    came_before,
    messages_after,
    offered_choice,
    repeated,
    safety_came_last,
)
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.models import Alert, Conversation, Message
from stipple.records.patients import day_of_conversation
from stipple.screening.screen import Screen, Screening

STOP_FORM = '/form_control{"question": "form_control/stop"}'
log = logging.getLogger(__name__)


class UnknownChoiceError(Exception):
    """A choice that this conversation was never offered."""


class GoneConversationError(Exception):
    """The conversation was erased while its message was on the way; nothing of the turn is stored."""


@dataclass(frozen=True)
class Received:
    """A patient's message as it was logged; ``payload`` is what to ask the engine, None when it was answered before.

    ``day`` is today's healing day by the record, ``level`` that of the conversation's open alert unless the patient has
    said since that they are in no danger, ``before`` what the message may go on from. ``leaves_form`` tells that a form
    may still be open from before a safety text: it is left first, when the engine is asked next, so that nobody in an
    emergency waits for the engine, and an engine that was down at the time hears of it too.
    """

    asked: Message
    payload: str | None
    screening: Screening = UNSCREENED
    day: int | None = None
    level: str = "normal"
    leaves_form: bool = False
    before: Before | None = None


class Turns:
    """Takes the turns of all conversations, one at a time for each conversation."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        packs: PackInUse,
        screen: Screen,
        notifier: Notifier,
        reading_in: ReadingIn,
    ) -> None:
        self._database = database
        self._engine = engine
        self._packs = packs
        self._screen = screen
        self._notifier = notifier
        self._reading_in = reading_in

    @property
    def _pack(self) -> Pack:
        return self._packs.pack

    async def take(
        self, conversation: Conversation, text: str, choice: str | None, client_id: str, now: datetime
    ) -> list[Message]:
        """Log and answer a message; every message of the conversation from the patient's own one on.

        A message sent again under the same ``client_id`` is not answered twice, but is when no answer was logged,
        as after a crash.

        Raises:
            UnknownChoiceError: when ``choice`` was never offered in this conversation.
            GoneConversationError: when the conversation was erased meanwhile.
        """
        try:
            async with self._reading_in.locks[conversation.id]:
                await self._reading_in.before_turn(conversation.id)
                received = await asyncio.to_thread(self._receive, conversation, text, choice, client_id, now)
                if received.payload is not None:
                    reply, outcome = await self._answer(conversation, received, now)
                    reply = watched(reply, received.level, self._pack)
                    if await asyncio.to_thread(self._store, conversation, received, reply, outcome, now):
                        self._notifier.wake()
        except (IntegrityError, UnknownChoiceError):
            # Nothing can refer to an erased conversation: the database refuses it, whenever the erasing came.
            if await asyncio.to_thread(self._is_there, conversation):
                raise
            raise GoneConversationError from None
        return await asyncio.to_thread(self._messages_from, conversation, received.asked)

    def _messages_from(self, conversation: Conversation, asked: Message) -> list[Message]:
        with self._database.begin() as db:
            return messages_after(db, conversation.id, asked.sequence - 1)

    def _is_there(self, conversation: Conversation) -> bool:
        with self._database.begin() as db:
            return db.get(Conversation, conversation.id) is not None

    def _receive(
        self, conversation: Conversation, text: str, choice: str | None, client_id: str, now: datetime
    ) -> Received:
        with self._database.begin() as db:
            sent_before = repeated(db, conversation.id, client_id)
            if sent_before is not None and messages_after(db, conversation.id, sent_before.sequence, limit=1):
                return Received(sent_before, None)
            self._packs.refresh(db)
            day = day_of_conversation(db, conversation.id, self._pack.profile.zone, now)
            alert = open_alert(db, conversation.id)
            if choice is not None:
                chosen = offered_choice(db, conversation.id, choice)
                if chosen is None:
                    raise UnknownChoiceError
                text, payload = chosen["title"], chosen["payload"]
                screening = tapped(payload, self._pack)
            else:
                payload, screening = neutralise(text), self._screen.read(text, day)
            # What is tapped says all by itself.
            before = came_before(db, conversation.id, now) if choice is None else None
            asked = sent_before or add_message(db, conversation.id, "patient", text, now, client_id=client_id)
            level = alert.level if alert and not is_denied(db, alert) else "normal"
            leaves = safety_came_last(db, conversation.id)
            return Received(asked, payload, beyond_suspicion(screening, level), day, level, leaves, before)

    async def _answer(self, conversation: Conversation, received: Received, now: datetime) -> tuple[Reply, str]:
        screening = received.screening
        if screening.stands_alone:
            log.warning("danger sign of level %s in conversation %s", screening.dangers[0].level, conversation.id[:8])
            return safety_reply(screening, self._pack), "safety"
        try:
            return ensured(await self._ask(conversation, received, now), screening, self._pack), "answered"
        except EngineError as error:
            log.warning("fallback in conversation %s: %s", conversation.id[:8], error)
            return fallback_reply(self._pack, "fallback", screening), "fallback"

    async def _ask(self, conversation: Conversation, received: Received, now: datetime) -> Reply:
        if received.leaves_form:
            await self._engine.ask(conversation.id, STOP_FORM, now)
        found = (received.screening, received.level, received.before)
        return await self._engine.ask(conversation.id, received.payload or "", now, *found)

    def _store(
        self, conversation: Conversation, received: Received, reply: Reply, outcome: str, now: datetime
    ) -> Alert | None:
        facts = {"choices": offered(reply.buttons, self._pack), "trace": reply.trace, "outcome": outcome}
        with self._database.begin() as db:
            return keep_reply(db, conversation, received.asked, reply.text, received.day, now, **facts)
