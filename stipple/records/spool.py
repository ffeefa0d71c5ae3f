"""Keeping what patients write while the database is down, in a small file of its own, until it can be read in.

The file is there only while something waits in it. It holds patients' words: nobody else on the computer may read it,
and what is deleted is overwritten.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

CONVERSATION, SIGN_IN = "conversation", "sign_in"
FILE, LOCK = "messages.db", "lock"
# Some fifty thousand messages.
MOST_BYTES = 50 * 1024 * 1024
PAGE_BYTES = 4096
AT_ONCE = 100
# The lower byte of an error code of SQLite; the others tell details.
PRIMARY_CODE = 0xFF
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# EXTRA: a message that was said to be kept is still there after the power failed.
PREPARE = (
    f"PRAGMA page_size={PAGE_BYTES}",
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=EXTRA",
    "PRAGMA secure_delete=ON",
    "create table if not exists waiting (id integer primary key autoincrement, sender text not null, "
    "client_id text not null, content text not null, aside integer not null default 0, unique (sender, client_id))",
)
log = logging.getLogger(__name__)


class SpoolError(Exception):
    """The message cannot be kept; the message of the error says why, without a word of the patient's."""


class Kept(BaseModel):
    """A message that no table holds yet, and the reply its sender was given at ``moment``.

    ``choice`` is the id of the choice that was tapped, ``trace`` says which danger signs were found in it or in the
    text. A ``visitor`` has no conversation yet: one begins with this message.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    moment: AwareDatetime
    channel: str
    client_id: str
    text: str
    choice: str | None
    visitor: bool
    reply: str
    trace: list[dict[str, Any]]
    outcome: Literal["safety", "fallback"]


class Row(NamedTuple):
    """One message as it stands in the file; ``content`` is a `Kept` as JSON, unless somebody damaged it."""

    id: int
    sender: str
    content: str


def from_conversation(conversation_id: str) -> str:
    """The sender of a message whose conversation is known."""
    return f"{CONVERSATION}:{conversation_id}"


def from_browser(token_hash: str) -> str:
    """The sender of a message of whom nothing is known but their sign-in; only the hash of its token is kept."""
    return f"{SIGN_IN}:{token_hash}"


class Spool:
    """The file in ``folder``. Several threads and processes may use it at once."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._pages = most_bytes // PAGE_BYTES
        self.path = folder / FILE

    def add(self, sender: str, kept: Kept) -> None:
        """Keep a message for good. One that the sender sent before, under the same client id, stays as it is.

        Raises:
            SpoolError: when the file is full, or cannot be written.
        """
        row = (sender, kept.client_id, kept.model_dump_json())
        self._run("insert or ignore into waiting (sender, client_id, content) values (?, ?, ?)", row)

    def waiting(self, after: int = 0, senders: Sequence[str] | None = None) -> list[Row]:
        """Up to `AT_ONCE` messages that came after the one with id ``after``, of ``senders`` or of all, oldest first.

        Raises:
            SpoolError: when the file cannot be read.
        """
        only = "" if senders is None else f" and sender in ({_marks(senders)})"
        query = f"select id, sender, content from waiting where not aside and id > ?{only} order by id limit {AT_ONCE}"  # noqa: S608
        return [Row(*found) for found in self._change(query, (after, *(senders or ())))]

    def remove(self, number: int) -> None:
        """Let a message go; the file goes with the last one.

        Raises:
            SpoolError: when the file cannot be written.
        """
        self._change("delete from waiting where id = ?", (number,))

    def set_aside(self, number: int) -> None:
        """Leave a message in the file that cannot be read, without trying again.

        Raises:
            SpoolError: when the file cannot be written.
        """
        self._change("update waiting set aside = 1 where id = ?", (number,))

    def forget(self, senders: Sequence[str]) -> None:
        """Let every message of ``senders`` go, also those set aside.

        Raises:
            SpoolError: when the file cannot be written.
        """
        if senders:
            self._change(f"delete from waiting where sender in ({_marks(senders)})", tuple(senders))  # noqa: S608

    def _change(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._run(statement, values) if self.path.exists() else []

    def _run(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._alone():
                try:
                    return self._execute(statement, values)
                except sqlite3.DatabaseError as error:
                    if error.sqlite_errorcode & PRIMARY_CODE not in DAMAGED:
                        raise
                    self._put_away()
                    return self._execute(statement, values)
        except (sqlite3.Error, OSError) as error:
            raise SpoolError(_why(error)) from None

    def _execute(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with closing(self._open()) as file:
            with file:
                found = file.execute(statement, values).fetchall()
            empty = file.execute("select not exists (select 1 from waiting)").fetchone()[0]
        if empty:
            # Only safe because everybody opens the file anew, alone.
            self.path.unlink()
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self) -> sqlite3.Connection:
        # Made first, because SQLite would let others read it.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        file = sqlite3.connect(self.path)
        try:
            for statement in (*PREPARE, f"PRAGMA max_page_count={self._pages}"):
                file.execute(statement)
        except BaseException:
            file.close()
            raise
        return file

    def _put_away(self) -> None:
        """Make room for a new file; what can be saved of a damaged one is for a person to find out."""
        number = len([*self._folder.glob(f"{FILE}.damaged-*")]) + 1
        aside = self.path.rename(self.path.with_name(f"{FILE}.damaged-{number}"))
        log.error("the file of messages that wait for the database was damaged, and is kept as %s", aside)


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _why(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
        return "its file is full"
    return f"its file cannot be used ({type(error).__name__})"
