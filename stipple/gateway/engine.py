"""Talking to Rasa on loopback, through its REST channel."""

import asyncio
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx

from stipple.records.conversations import Before
from stipple.screening.screen import Screening

UNSCREENED = Screening()


class EngineError(Exception):
    """Rasa or the action server gave no usable answer in time."""


@dataclass(frozen=True)
class Reply:
    """The engine's answer to one message."""

    text: str
    buttons: list[dict[str, str]]
    trace: list[dict[str, Any]]


class Engine:
    """Client of the engine; one per gateway process."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_seconds, trust_env=False)
        self._timeout = timeout_seconds

    async def ask(
        self,
        conversation_id: str,
        message: str,
        now: datetime,
        screening: Screening = UNSCREENED,
        level: str = "normal",
        before: Before | None = None,
    ) -> Reply:
        """The answer to ``message``, which Rasa reads as typed text or, with a leading slash, as a payload.

        The actions learn from the message's metadata what the gateway's screening has found, and the ``level`` of the
        conversation's open alert; the understanding learns from it what came ``before``.

        Raises:
            EngineError: when Rasa cannot be reached, is too slow, or its answer carries no envelope, as when the
                action server is down.
        """
        found = {
            "dangers": [d.flag for d in screening.dangers],
            "taken_back": list(screening.taken_back),
            "risks": screening.risks,
            "danger_probability": screening.probability,
            "unraised_probability": screening.unraised,
            "level": level,
            "before": asdict(before) if before else None,
        }
        body = {"sender": conversation_id, "message": message, "metadata": {"now": now.isoformat(), **found}}
        try:
            # httpx limits each step of a request; the patient waits for all of them together.
            async with asyncio.timeout(self._timeout):
                response = await self._client.post("/webhooks/rest/webhook", json=body)
            response.raise_for_status()
            envelopes = [m["custom"] for m in response.json() if "custom" in m]
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise EngineError(type(error).__name__) from error
        if not envelopes:
            raise EngineError("no envelope in the answer")
        return Reply(
            text="\n\n".join(e["text"] for e in envelopes if e["text"]),
            buttons=[b for e in envelopes for b in e["buttons"]],
            trace=[t for e in envelopes for t in e["answers"]],
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def neutralise(text: str) -> str:
    """Typed text that Rasa cannot take for an intent: its leading slashes are removed."""
    return re.sub(r"^[\s/]+", "", text).strip() or "."
