"""Answering while the database is down: by the safety screen alone, with the message kept for later."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from stipple.gateway.choices import tapped_id
from stipple.gateway.engine import Reply
from stipple.gateway.notifier import Notifier
from stipple.gateway.safety import fallback_reply, safety_reply
from stipple.records.in_use import PackInUse
from stipple.records.spool import Kept, Spool, SpoolError
from stipple.screening.screen import Screen, Screening

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unlogged:
    """A message that cannot be logged now; ``sender`` as the spool names it, the rest as in `Kept`."""

    sender: str
    visitor: bool
    channel: str
    client_id: str
    text: str
    choice: str | None


class Outage:
    """Answers what comes meanwhile; one for each gateway process."""

    def __init__(self, spool: Spool, screen: Screen, packs: PackInUse, notifier: Notifier) -> None:
        self._spool = spool
        self._screen = screen
        self._packs = packs
        self._notifier = notifier

    async def answer(self, message: Unlogged, now: datetime) -> Reply:
        """The reply: an emergency is answered all the same, whatever else says whether the message could be kept.

        Staff are mailed of a danger sign at once, because no alert can be raised yet.
        """
        pack, screening = self._packs.pack, await asyncio.to_thread(self._read, message)
        alone = screening.stands_alone
        reply = safety_reply(screening, pack) if alone else fallback_reply(pack, "fallback_kept", screening)
        kept = await asyncio.to_thread(self._keep, message, reply, "safety" if alone else "fallback", now)
        if screening.dangers:
            self._notifier.tell_unlogged(screening.dangers[0].level, kept)
        return reply if kept or alone else fallback_reply(pack, "fallback_unsaved", screening)

    def _read(self, message: Unlogged) -> Screening:
        if message.choice is not None:
            return tapped_id(message.choice, self._packs.pack)
        # The record that knows the healing day is out of reach.
        return self._screen.read(message.text, None)

    def _keep(self, message: Unlogged, reply: Reply, outcome: str, now: datetime) -> bool:
        said = {name: value for name, value in vars(message).items() if name != "sender"}
        told = {"moment": now, "reply": reply.text, "trace": reply.trace, "outcome": outcome}
        try:
            self._spool.add(message.sender, Kept.model_validate(said | told))
        except SpoolError as error:
            log.error("a message that came while the database is down is lost: %s", error)
            return False
        return True
