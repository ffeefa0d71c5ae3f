"""Opening the database and bringing its schema up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import finalize

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
# One writer waits for another this long before SQLite gives up.
BUSY_TIMEOUT_MS = 5000
# PostgreSQL's own client would wait two minutes for a server that does not answer, and a quarter of an hour for one
# that is gone in the middle of a connection. It takes no less than this.
CONNECT_SECONDS = "2"
WITHOUT_ANSWER = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": CONNECT_SECONDS + "000"}


def open_database(url: str) -> Engine:
    """Engine for ``url``; a SQLite file is created with its folder and used in WAL mode.

    Its errors tell no values: they end in logs, and the values are what patients said.
    """
    if url.startswith("sqlite"):
        return _open_sqlite(url)
    told = make_url(url)
    told = told.set(query=WITHOUT_ANSWER | told.query)
    return create_engine(told, pool_pre_ping=True, hide_parameters=True)


def _open_sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        # What is deleted is overwritten, not left readable in the free parts of the file.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    return engine


def migration_config(url: str) -> Config:
    """Alembic's configuration for ``url``, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; nothing is dropped."""
    command.upgrade(migration_config(url), "head")


class Database:
    """Hands out database sessions; one per process. Its connections are closed once nobody holds it any more."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)
        # A command of `stipple` opens the database for one session, in the middle of an expression.
        finalize(self, self.engine.dispose)
        self._make = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[DbSession]:
        """A session that commits at the end, or rolls back on an error."""
        with self._make.begin() as session:
            yield session

    def settle(self) -> None:
        """Move what SQLite's log holds into the file and empty the log, which still has what was deleted.

        It is not emptied while somebody reads; then SQLite overwrites it in its own time.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
