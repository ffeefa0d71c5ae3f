"""One turn: the patient's message is logged, answered by the engine or the fallback, and the reply is logged."""

import asyncio
import logging
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from stipple.care.healing import healing_day
from stipple.content.pack import Pack
from stipple.gateway.engine import UNSCREENED, Engine, EngineError, Reply, neutralise
from stipple.gateway.notifier import Notifier
from stipple.gateway.safety import ensured, safety_reply, watched
from stipple.records.alerts import open_alert, raise_alert
from stipple.records.clarity import count_reply
from stipple.records.conversations import (
    add_deliveries,
    add_message,
    messages_after,
    offered_choice,
    repeated,
    safety_came_last,
)
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.models import Alert, Conversation, Message
from stipple.records.months import count_turn
from stipple.records.patients import record_of_conversation
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

    ``day`` is today's healing day by the record, ``level`` that of the conversation's open alert. ``leaves_form`` tells
    that a form may still be open from before a safety text: it is left first, when the engine is asked next, so that
    nobody in an emergency waits for the engine, and an engine that was down at the time hears of it too.
    """

    asked: Message
    payload: str | None
    screening: Screening = UNSCREENED
    day: int | None = None
    level: str = "normal"
    leaves_form: bool = False


class Turns:
    """Takes the turns of all conversations, one at a time for each conversation."""

    def __init__(
        self, database: Database, engine: Engine, packs: PackInUse, screen: Screen, notifier: Notifier
    ) -> None:
        self._database = database
        self._engine = engine
        self._packs = packs
        self._screen = screen
        self._notifier = notifier
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

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
            async with self._locks[conversation.id]:
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
        with self._database.begin() as db:
            return messages_after(db, conversation.id, received.asked.sequence - 1)

    def _is_there(self, conversation: Conversation) -> bool:
        with self._database.begin() as db:
            return db.get(Conversation, conversation.id) is not None

    def _receive(
        self, conversation: Conversation, text: str, choice: str | None, client_id: str, now: datetime
    ) -> Received:
        with self._database.begin() as db:
            before = repeated(db, conversation.id, client_id)
            if before is not None and messages_after(db, conversation.id, before.sequence, limit=1):
                return Received(before, None)
            self._packs.refresh(db)
            day = self._healing_day(db, conversation, now)
            alert = open_alert(db, conversation.id)
            payload, screening = neutralise(text), UNSCREENED
            if choice is not None:
                offered = offered_choice(db, conversation.id, choice)
                if offered is None:
                    raise UnknownChoiceError
                text, payload = offered["title"], offered["payload"]
            else:
                screening = self._screen.read(text, day)
            asked = before or add_message(db, conversation.id, "patient", text, now, client_id=client_id)
            level, leaves = alert.level if alert else "normal", safety_came_last(db, conversation.id)
            return Received(asked, payload, screening, day, level, leaves)

    def _healing_day(self, db: DbSession, conversation: Conversation, now: datetime) -> int | None:
        record = record_of_conversation(db, conversation.id, self._pack.profile.zone)
        standing = healing_day(record, record.local_date(now), now) if record else None
        return standing.day if standing else None

    async def _answer(self, conversation: Conversation, received: Received, now: datetime) -> tuple[Reply, str]:
        screening = received.screening
        if screening.stands_alone:
            log.warning("danger sign of level %s in conversation %s", screening.dangers[0].level, conversation.id[:8])
            return safety_reply(screening, self._pack), "safety"
        try:
            return ensured(await self._ask(conversation, received, now), screening, self._pack), "answered"
        except EngineError as error:
            log.warning("fallback in conversation %s: %s", conversation.id[:8], error)
            return self.fallback("fallback", screening), "fallback"

    async def _ask(self, conversation: Conversation, received: Received, now: datetime) -> Reply:
        if received.leaves_form:
            await self._engine.ask(conversation.id, STOP_FORM, now)
        asked = (conversation.id, received.payload or "", now, received.screening, received.level)
        return await self._engine.ask(*asked)

    def fallback(self, name: str, screening: Screening = UNSCREENED) -> Reply:
        """The reply when nothing better can be had: any safety text, then how to reach the clinic."""
        text = self._pack.replies[name].format(phone=self._pack.profile.phone)
        return ensured(Reply(text, [], []), screening, self._pack)

    def without_database(self, text: str) -> Reply:
        """The reply while the database is down: an emergency is answered all the same."""
        screening = self._screen.read(text, None)
        if screening.dangers:
            self._notifier.tell_unsaved(screening.dangers[0].level)
        if screening.stands_alone:
            return safety_reply(screening, self._pack)
        return self.fallback("fallback_unsaved", screening)

    def _store(
        self, conversation: Conversation, received: Received, reply: Reply, outcome: str, now: datetime
    ) -> Alert | None:
        choices = [{"id": secrets.token_hex(6), **button} for button in reply.buttons]
        facts: dict[str, Any] = {"choices": choices, "trace": reply.trace, "outcome": outcome}
        with self._database.begin() as db:
            message = add_message(db, conversation.id, "assistant", reply.text, now, **facts)
            add_deliveries(db, message, conversation.channel)
            alert = raise_alert(db, received.asked, reply.trace, received.day, now)
            _count(db, message)
            return alert


def _count(db: DbSession, reply: Message) -> None:
    """Count for the clarity page and the reports; whatever goes wrong there, the reply and its alert are stored."""
    try:
        with db.begin_nested():
            count_reply(db, reply)
            count_turn(db, reply)
    except Exception:
        log.exception("reply %s was not counted; put right by: stipple clarity recount", reply.id)
