"""Switching a gateway's database off and on, for tests of what happens meanwhile and after."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.gateway.conftest import Gateway

MOST_SECONDS_HELD = 5


@contextmanager
def down(gateway: Gateway) -> Iterator[None]:
    """The database cannot be opened at all: a folder stands where its file was."""
    path = Path(gateway.settings.database_url.removeprefix("sqlite:///"))
    away = path.with_suffix(".away")
    let_go(gateway)
    path.rename(away)
    path.mkdir()
    try:
        yield
    finally:
        let_go(gateway)
        path.rmdir()
        away.rename(path)


def let_go(gateway: Gateway) -> None:
    """Close every connection; one that a watch's thread still holds would stay open with nobody to close it."""
    engine = gateway.database.engine
    until = time.monotonic() + MOST_SECONDS_HELD
    while engine.pool.checkedout() and time.monotonic() < until:
        time.sleep(0.01)
    engine.dispose()


def look(gateway: Gateway) -> dict[str, int]:
    """Read in what waits; it may be done by the gateway's own watch just before."""
    return dict(gateway.browser.portal.call(gateway.browser.app.state.reading_in.look))  # type: ignore[attr-defined]


def signed_in(gateway: Gateway, reference: str = "P-1") -> httpx.Client:
    assert gateway.browser.get(gateway.link(reference)).status_code == 303
    return gateway.browser


def reply_of(response: httpx.Response) -> dict:
    assert response.status_code == 200, response.text
    return response.json()["messages"][-1]


class Cable:
    """The network between a gateway and its PostgreSQL server; while it is cut, nothing said goes through."""

    def __init__(self, host: str, port: int) -> None:
        self._whole = asyncio.Event()
        self._whole.set()
        self._to = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Cable":
        self._thread.start()
        starting = asyncio.start_server(self._connect, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._whole.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._whole.set)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection(*self._to)
        await asyncio.gather(self._carry(reader, away), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(1 << 16):
            await self._whole.wait()
            writer.write(said)
            await writer.drain()
        writer.close()
