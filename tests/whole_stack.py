"""A patient who talks to the running stack, for tests."""

import secrets
from typing import Any

import httpx

NOW = "2026-06-10T10:00:00+01:00"


class Patient:
    """A browser of a patient with ``record``, or of a visitor, at a fixed moment."""

    def __init__(self, url: str, record: dict[str, Any] | None, now: str = NOW) -> None:
        self.client = httpx.Client(base_url=url, timeout=15, trust_env=False, headers={"x-stipple-now": now})
        answer = self.client.post("/test/conversations", json=record) if record else self._visitor()
        self.conversation = answer.raise_for_status().json()["conversation"]

    def _visitor(self) -> httpx.Response:
        return self.client.post("/test/conversations", content="null", headers={"content-type": "application/json"})

    def says(self, text: str) -> dict[str, Any]:
        """Send a message; the assistant's reply with its trace."""
        return self._post({"text": text})

    def taps(self, reply: dict[str, Any], title: str) -> dict[str, Any]:
        """Tap a button of a reply."""
        choice = next(c for c in reply["choices"] if c["title"] == title)
        return self._post({"choice": choice["id"]})

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        body["client_id"] = secrets.token_hex(8)
        messages = self.client.post("/api/messages", json=body).raise_for_status().json()["messages"]
        reply: dict[str, Any] = messages[-1]
        return reply

    def log(self) -> list[dict[str, Any]]:
        """Every message of the conversation."""
        found: list[dict[str, Any]] = self.client.get("/api/messages").raise_for_status().json()["messages"]
        return found


def told(reply: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The trace items of one kind."""
    return [item for item in reply["answers"] if item["kind"] == kind]
