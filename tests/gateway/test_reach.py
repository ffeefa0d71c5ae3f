"""Asking the database whether it answers."""

import asyncio

import pytest

from stipple.gateway.reach import Reach, SilentDatabaseError
from stipple.records.database import Database


def test_many_ask_at_once_and_again() -> None:
    async def ask() -> None:
        reach = Reach(Database("sqlite://"))

        async def patient() -> None:
            for _ in range(20):
                await reach.check()

        await asyncio.gather(*(patient() for _ in range(20)))

    asyncio.run(ask())


def test_one_that_refuses_is_told_by_its_error(refusing_port: int) -> None:
    reach = Reach(Database(f"postgresql+psycopg://nobody@127.0.0.1:{refusing_port}/none"))
    with pytest.raises(SilentDatabaseError, match="OperationalError"):
        asyncio.run(reach.check())
