"""Reading in what patients wrote while the database was down, as if it had been logged at the time.

A message is taken out of the spool only after it was logged. One that is met again, because the gateway was stopped
between the two, is known by its client id.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session as DbSession

from stipple.care.telling import begun
from stipple.content.pack import Pack
from stipple.gateway.choices import tapped
from stipple.gateway.keeping import keep_reply
from stipple.gateway.notifier import Notifier
from stipple.gateway.safety import safety_reply
from stipple.records.alerts import raise_alert
from stipple.records.conversations import SIGN_IN_DAYS, add_message, hash_token, next_author, offered_choice, repeated
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.models import Conversation, SignIn
from stipple.records.patients import day_of_conversation
from stipple.records.spool import CONVERSATION, Kept, Row, Spool, SpoolError, from_browser, from_conversation

LOOK_SECONDS = 5.0
# After something went wrong: the database is still down, or refuses a message.
PAUSE_SECONDS = 30.0
READ_IN, DROPPED, UNREADABLE, LEFT = "read in", "dropped", "unreadable", "left"

log = logging.getLogger(__name__)


class ReadingIn:
    """Empties the spool into the log; one for each gateway process.

    ``locks`` are of the conversations: nothing is logged beside a turn.
    """

    def __init__(self, database: Database, spool: Spool, packs: PackInUse, notifier: Notifier) -> None:
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._database = database
        self._spool = spool
        self._packs = packs
        self._notifier = notifier

    async def run(self) -> None:
        """Look for what waits, for as long as the gateway runs."""
        while True:
            try:
                left = (await self.look())[LEFT]
            except Exception as error:
                left = 1
                log.error("messages wait to be read in: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS if left else LOOK_SECONDS)

    async def look(self) -> Counter[str]:
        """Read in everything that waits, oldest first; how many messages were read in, dropped, unreadable or left.

        What cannot be logged stays, with all that its sender wrote after it; the others go on.

        Raises:
            OperationalError: when the database is still down. What has not been read in stays.
            InterfaceError: likewise.
            SpoolError: when the spool's file cannot be used.
        """
        found, stuck, last = Counter[str](), set[str](), 0
        while rows := await asyncio.to_thread(self._spool.waiting, last):
            for row in rows:
                last = row.id
                what = LEFT if row.sender in stuck else await self._alone(row)
                found[what] += 1
                if what == LEFT:
                    stuck.add(row.sender)
        if found:
            told = ", ".join(f"{number} {what}" for what, number in found.items())
            log.warning("messages that came while the database was down: %s", told)
        return found

    async def from_browser(self, token_hash: str) -> None:
        """Read in what a visitor wrote, who has no conversation before that.

        Raises:
            OperationalError: as `look`.
            InterfaceError: as `look`.
        """
        await self._all_of([from_browser(token_hash)], self._alone)

    async def before_turn(self, conversation_id: str) -> None:
        """Read in what the conversation's sender wrote, before what they write now; the caller holds the lock.

        Raises:
            OperationalError: as `look`.
            InterfaceError: as `look`.
        """
        if self._spool.path.exists():
            await self._all_of(await asyncio.to_thread(self._senders, conversation_id), self._one)

    def _senders(self, conversation_id: str) -> list[str]:
        with self._database.begin() as db:
            signed = db.scalars(select(SignIn.token_hash).where(SignIn.conversation_id == conversation_id))
            return [from_conversation(conversation_id), *map(from_browser, signed)]

    async def _all_of(self, senders: list[str], read_in: Callable[[Row], Awaitable[str]]) -> None:
        try:
            for row in await asyncio.to_thread(self._spool.waiting, 0, senders):
                if await read_in(row) == LEFT:
                    return
        except SpoolError as error:
            # No reason to leave the patient without an answer.
            log.error("messages wait to be read in: %s", error)

    async def _alone(self, row: Row) -> str:
        """Read one message in while its conversation takes no turn."""
        async with self.locks[await asyncio.to_thread(self._lock_of, row)]:
            return await self._one(row)

    def _lock_of(self, row: Row) -> str:
        with self._database.begin() as db:
            kept = _parsed(row)
            owner = _owner(db, row, kept) if kept else None
            return owner.conversation_id if owner else row.sender

    async def _one(self, row: Row) -> str:
        what = await asyncio.to_thread(self._read_in, row)
        if what == READ_IN:
            # It may have raised an alert.
            self._notifier.wake()
        return what

    def _read_in(self, row: Row) -> str:
        kept = _parsed(row)
        if kept is None:
            self._spool.set_aside(row.id)
            log.error("message %d of %s cannot be read and is left there", row.id, self._spool.path)
            return UNREADABLE
        try:
            with self._database.begin() as db:
                logged = self._log(db, row, kept)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # Must not keep what others wrote from being read.
            log.error("message %d of %s cannot be logged: %s", row.id, self._spool.path, type(error).__name__)
            return LEFT
        self._spool.remove(row.id)
        return READ_IN if logged else DROPPED

    def _log(self, db: DbSession, row: Row, kept: Kept) -> bool:
        """Log the message and its reply; False when there is no conversation any more that they belong to."""
        owner = _owner(db, row, kept)
        conversation = _conversation(db, owner, row, kept) if owner else None
        if conversation is None:
            return False
        asked = repeated(db, conversation.id, kept.client_id)
        if asked is not None and next_author(db, asked) == "assistant":
            return True
        said = _said(db, conversation, kept, self._packs.pack)
        if said is None:
            return False
        asked = asked or add_message(db, conversation.id, "patient", said.text, kept.moment, client_id=kept.client_id)
        day = day_of_conversation(db, conversation.id, self._packs.pack.profile.zone, kept.moment)
        keep_reply(db, conversation, asked, kept.reply, day, kept.moment, trace=kept.trace, outcome=kept.outcome)
        raise_alert(db, asked, said.untold, day, kept.moment)
        return True


class _Owner(NamedTuple):
    """The conversation that a message belongs to; ``begins`` when the message may be its first."""

    conversation_id: str
    begins: bool


class _Said(NamedTuple):
    """What the patient wrote or tapped; ``untold`` is the trace of a danger sign that their reply does not tell of."""

    text: str
    untold: list[dict[str, Any]]


def _parsed(row: Row) -> Kept | None:
    try:
        return Kept.model_validate_json(row.content)
    except ValidationError:
        return None


def _owner(db: DbSession, row: Row, kept: Kept) -> _Owner | None:
    """Whose the message is; None when its sender is not known any more, as after they were erased."""
    kind, _, key = row.sender.partition(":")
    if kind == CONVERSATION:
        return _Owner(key, False)
    signed = db.get(SignIn, key)
    if signed is not None and signed.expires_at > kept.moment:
        return _Owner(signed.conversation_id, False)
    # A sign-in that had expired makes a visitor, as it does in a turn. Always the same name for the same browser, so
    # that all of its messages end in one conversation, also when they are read in with a crash between them.
    return _Owner(hash_token(f"visitor {key}")[:32], True) if signed is not None or kept.visitor else None


def _conversation(db: DbSession, owner: _Owner, row: Row, kept: Kept) -> Conversation | None:
    found = db.get(Conversation, owner.conversation_id)
    if found is None and owner.begins:
        found = Conversation(id=owner.conversation_id, channel=kept.channel, created_at=kept.moment)
        db.add(found)
        db.flush()
        key = row.sender.partition(":")[2]
        if db.get(SignIn, key) is None:
            expires = kept.moment + timedelta(days=SIGN_IN_DAYS)
            facts = {"created_at": kept.moment, "expires_at": expires}
            db.add(SignIn(token_hash=key, conversation_id=found.id, **facts))
    return found


def _said(db: DbSession, conversation: Conversation, kept: Kept, pack: Pack) -> _Said | None:
    """None when a choice was tapped that was never offered, unless its reply told of a danger sign.

    Such a tap comes, for instance, from a browser whose sign-in has run out. Staff were mailed of it and must find it.
    """
    if kept.choice is None:
        return _Said(kept.text, [])
    chosen = offered_choice(db, conversation.id, kept.choice)
    if chosen is None:
        return _Said(_title(kept.trace[0]["rule_id"], pack), []) if kept.trace else None
    found = tapped(chosen["payload"], pack)
    # An id that was given before ids named their sign tells nothing while the database is down.
    missed = found.dangers and not kept.trace
    return _Said(chosen["title"], safety_reply(found, pack).trace if missed else [])


def _title(rule_id: str, pack: Pack) -> str:
    return begun(pack.title(rule_id) or rule_id)
