"""Seeing to it that the engine forgets erased conversations, also when it could not be reached at the time."""

import asyncio
import logging
from datetime import UTC, datetime

from stipple.records.database import Database
from stipple.records.engine_state import clear_engine

LOOK_SECONDS = 180.0
log = logging.getLogger(__name__)


async def keep_forgetting(database: Database, url: str) -> None:
    """Look for what is left, for as long as the gateway runs; the engine's database is at ``url``."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await asyncio.to_thread(clear_engine, database, url, datetime.now(UTC))
        except Exception as error:
            # Must outlive a database that is down for a while.
            log.error("erased conversations could not be looked through: %s", type(error).__name__)
