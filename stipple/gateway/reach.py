"""Asking the database first whether it answers, so that nobody in an emergency waits for one that is silent."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from stipple.records.database import Database

# A patient in an emergency is answered within a second, whatever the database does.
PATIENCE_SECONDS = 0.6


class SilentDatabaseError(Exception):
    """The database has not answered in time, or has refused."""


def reason_of(error: SQLAlchemyError | SilentDatabaseError) -> str:
    """What the log tells of an error: its kind, never its values, which are what patients said."""
    return str(error) if isinstance(error, SilentDatabaseError) else type(getattr(error, "orig", error)).__name__


class Reach:
    """Whether the database answers; one for each gateway process.

    One question is on its way at a time, whoever waits for its answer: a server that stays silent, as one does whose
    machine lost its power or its network, holds one thread and one connection and not one for each message.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[str] | None = None

    async def check(self) -> None:
        """Return as soon as the database answers.

        Raises:
            SilentDatabaseError: when it refuses, or has not answered after `PATIENCE_SECONDS`.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._ask))
        # Others may put the next question before this one's answer is looked at.
        asking = self._asking
        answered, _ = await asyncio.wait({asking}, timeout=PATIENCE_SECONDS)
        reason = asking.result() if answered else "silent"
        if reason:
            raise SilentDatabaseError(reason)

    def _ask(self) -> str:
        try:
            with self._database.begin() as db:
                db.execute(text("select 1"))
        except SQLAlchemyError as error:
            return reason_of(error)
        return ""
