"""Switching a gateway's database off and on, for tests of what happens meanwhile and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.gateway.conftest import Gateway


@contextmanager
def down(gateway: Gateway) -> Iterator[None]:
    """The database cannot be opened at all: a folder stands where its file was."""
    path = Path(gateway.settings.database_url.removeprefix("sqlite:///"))
    away = path.with_suffix(".away")
    gateway.database.engine.dispose()
    path.rename(away)
    path.mkdir()
    try:
        yield
    finally:
        gateway.database.engine.dispose()
        path.rmdir()
        away.rename(path)


def look(gateway: Gateway) -> dict[str, int]:
    """Read in what waits; it may be done by the gateway's own watch just before."""
    return dict(gateway.browser.portal.call(gateway.browser.app.state.reading_in.look))  # type: ignore[attr-defined]


def signed_in(gateway: Gateway, reference: str = "P-1") -> httpx.Client:
    assert gateway.browser.get(gateway.link(reference)).status_code == 303
    return gateway.browser


def reply_of(response: httpx.Response) -> dict:
    assert response.status_code == 200, response.text
    return response.json()["messages"][-1]
