"""One turn: the patient's message is logged, answered by the engine or the fallback, and the reply is logged."""

import asyncio
import logging
import secrets
from collections import defaultdict
from datetime import datetime
from typing import Any

from stipple.content.pack import Pack
from stipple.gateway.engine import Engine, EngineError, Reply, neutralise
from stipple.records.conversations import add_deliveries, add_message, messages_after, offered_choice, repeated
from stipple.records.database import Database
from stipple.records.models import Conversation, Message

log = logging.getLogger(__name__)


class UnknownChoiceError(Exception):
    """A choice that this conversation was never offered."""


class Turns:
    """Takes the turns of all conversations, one at a time for each conversation."""

    def __init__(self, database: Database, engine: Engine, pack: Pack) -> None:
        self._database = database
        self._engine = engine
        self._pack = pack
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(
        self, conversation: Conversation, text: str, choice: str | None, client_id: str, now: datetime
    ) -> list[Message]:
        """Log and answer a message; every message of the conversation from the patient's own one on.

        A message sent again under the same ``client_id`` is not answered twice, but is when no answer was logged,
        as after a crash.

        Raises:
            UnknownChoiceError: when ``choice`` was never offered in this conversation.
        """
        async with self._locks[conversation.id]:
            asked, payload = await asyncio.to_thread(self._receive, conversation, text, choice, client_id, now)
            if payload is not None:
                reply, outcome = await self._answer(conversation, payload, now)
                await asyncio.to_thread(self._store, conversation, reply, outcome, now)
        with self._database.begin() as db:
            return messages_after(db, conversation.id, asked.sequence - 1)

    def _receive(
        self, conversation: Conversation, text: str, choice: str | None, client_id: str, now: datetime
    ) -> tuple[Message, str | None]:
        """The logged message and what to ask the engine; None when it was answered before."""
        with self._database.begin() as db:
            before = repeated(db, conversation.id, client_id)
            if before is not None and messages_after(db, conversation.id, before.sequence, limit=1):
                return before, None
            payload = neutralise(text)
            if choice is not None:
                offered = offered_choice(db, conversation.id, choice)
                if offered is None:
                    raise UnknownChoiceError
                text, payload = offered["title"], offered["payload"]
            asked = before or add_message(db, conversation.id, "patient", text, now, client_id=client_id)
            return asked, payload

    async def _answer(self, conversation: Conversation, payload: str, now: datetime) -> tuple[Reply, str]:
        try:
            reply = await self._engine.ask(conversation.id, payload, now)
        except EngineError as error:
            log.warning("fallback in conversation %s: %s", conversation.id[:8], error)
            text = self._pack.replies["fallback"].format(phone=self._pack.profile.phone)
            return Reply(text, [], []), "fallback"
        return reply, "answered"

    def _store(self, conversation: Conversation, reply: Reply, outcome: str, now: datetime) -> None:
        choices = [{"id": secrets.token_hex(6), **button} for button in reply.buttons]
        facts: dict[str, Any] = {"choices": choices, "trace": reply.trace, "outcome": outcome}
        with self._database.begin() as db:
            message = add_message(db, conversation.id, "assistant", reply.text, now, **facts)
            add_deliveries(db, message, conversation.channel)
