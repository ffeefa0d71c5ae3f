"""What the engine itself remembers of erased conversations: an open form and its answers, in a database of its own."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import String, column, delete, func, inspect, make_url, select, table, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as DbSession

from stipple.records.database import Database, open_database
from stipple.records.erasure_models import EngineLeftover

# As engine/dialogue_state.py makes it.
STATES = table("dialogue_state", column("conversation_id", String))
# No answer that was on its way is still coming after this.
SETTLED = timedelta(minutes=10)
AT_ONCE = 500
CONNECT_SECONDS = "3"

log = logging.getLogger(__name__)


def leave_for_engine(db: DbSession, conversations: Sequence[str], now: datetime) -> None:
    """Note, within the transaction that erases them, which conversations the engine must forget."""
    db.add_all(EngineLeftover(conversation_id=talk, erased_at=now) for talk in conversations)


def left(db: DbSession) -> int:
    """How many conversations the engine still remembers, for all we know."""
    waiting = EngineLeftover.cleared_at.is_(None)
    return db.scalar(select(func.count()).select_from(EngineLeftover).where(waiting)) or 0


def clear_engine(database: Database, url: str, now: datetime) -> bool:
    """Make the engine, whose database is at ``url``, forget every erased conversation; whether that was done.

    It can be done again, and must be: an answer that was on its way may have put a state back.
    """
    with database.begin() as db:
        talks = list(db.scalars(select(EngineLeftover.conversation_id)))
    if not talks:
        return True
    try:
        _forget(url, talks)
    except (SQLAlchemyError, OSError) as error:
        log.error("the engine's database does not answer: %s", type(error).__name__)
        return False
    row = EngineLeftover
    with database.begin() as db:
        for start in range(0, len(talks), AT_ONCE):
            mine = row.conversation_id.in_(talks[start : start + AT_ONCE])
            db.execute(update(row).where(mine, row.cleared_at.is_(None)).values(cleared_at=now))
            db.execute(delete(row).where(mine, row.erased_at <= now - SETTLED))
    return True


def _forget(url: str, talks: list[str]) -> None:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if not Path(address.database or "").is_file():
            # The engine has never run here.
            return
    else:
        address = address.set(drivername="postgresql+psycopg").update_query_dict({"connect_timeout": CONNECT_SECONDS})
    engine = open_database(address.render_as_string(hide_password=False))
    try:
        with engine.begin() as connection:
            if not inspect(connection).has_table(STATES.name):
                return
            for start in range(0, len(talks), AT_ONCE):
                mine = STATES.c.conversation_id.in_(talks[start : start + AT_ONCE])
                connection.execute(delete(STATES).where(mine))
    finally:
        engine.dispose()
