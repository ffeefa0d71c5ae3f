"""The way to the engine: typed text is never taken for a payload, and silence is an error."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stipple.gateway.engine import Engine, EngineError, neutralise

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Can I swim?", "Can I swim?"),
        ("  Can I swim? \n", "Can I swim?"),
        ("/restart", "restart"),
        ('/aftercare{"question": "aftercare/water"}', 'aftercare{"question": "aftercare/water"}'),
        ("///restart", "restart"),
        (" \n/restart", "restart"),
        ("/ /restart", "restart"),
        (" / \t// restart", "restart"),
        ("\u00a0/restart", "restart"),
        ("\u2003/\u3000/restart", "restart"),
        ("and/or", "and/or"),
        ("5/6", "5/6"),
        ("/", "."),
        (" / ", "."),
        ("", "."),
    ],
)
def test_leading_slashes_are_neutralised(typed: str, asked: str) -> None:
    assert neutralise(typed) == asked


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(st.sampled_from("/ \t\n\r\x1c\u00a0\u2028ab{}"), max_size=12))
def test_nothing_typed_can_be_a_payload(typed: str) -> None:
    asked = neutralise(typed)
    assert asked
    assert not asked.strip().startswith("/")
    assert neutralise(asked) == asked


def test_an_engine_that_is_down_is_an_error_at_once(refusing_port: int) -> None:
    async def ask() -> None:
        engine = Engine(f"http://127.0.0.1:{refusing_port}", 4.0)
        try:
            await engine.ask("conversation", "Hello", NOW)
        finally:
            await engine.close()

    started = time.monotonic()
    with pytest.raises(EngineError, match="ConnectError"):
        asyncio.run(ask())
    assert time.monotonic() - started < 4
