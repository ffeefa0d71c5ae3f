"""Finding messages by the words in them: the database's own index, FTS5 on SQLite and GIN on PostgreSQL.

A message fits when each word stands in it as a whole word, in capitals or not. Both databases follow what is stored and
what is erased by themselves (migration 0008).
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, TableClause, and_, column, func, literal_column, select, table
from sqlalchemy.orm import Session as DbSession

from stipple.records.models import Message

MOST_WORDS = 10
INDEX = "message_words"
WORD = re.compile(r"[^\W_]+")
# PostgreSQL uses its index only for this very expression. It cuts where `WORD` does, also within addresses.
VECTOR = r"to_tsvector('simple', regexp_replace(message.text, '(\W|_)+', ' ', 'g'))"


def words_of(text: str) -> list[str]:
    """The words that a text consists of, in small letters."""
    return WORD.findall(unicodedata.normalize("NFC", text).lower())


def holds(db: DbSession, words: list[str], after: int = 0) -> ColumnElement[bool]:
    """The condition that a message holds every one of ``words``, and has a number above ``after``.

    There must be one word at least. The index is asked first, which suits a search of all messages.
    """
    if _is_postgresql(db):
        return and_(_vector_fits(words), Message.id > after) if after else _vector_fits(words)
    index, fits = _index_fits(words)
    found = select(index.c.rowid).where(fits)
    return Message.id.in_(found.where(index.c.rowid > after) if after else found)


def holds_each(db: DbSession, words: list[str]) -> ColumnElement[bool]:
    """The same condition, asked for one message after the other, which suits a search of few messages."""
    if _is_postgresql(db):
        return _vector_fits(words)
    index, fits = _index_fits(words)
    return select(index.c.rowid).where(fits, index.c.rowid == Message.id).exists()


def counted(db: DbSession, words: list[str], most: int) -> int:
    """How many messages hold every one of ``words``; no more than ``most`` are counted."""
    if _is_postgresql(db):
        found = select(Message.id).where(_vector_fits(words)).limit(most).subquery()
    else:
        index, fits = _index_fits(words)
        found = select(index.c.rowid).where(fits).limit(most).subquery()
    return db.scalar(select(func.count()).select_from(found)) or 0


def _is_postgresql(db: DbSession) -> bool:
    return db.get_bind().dialect.name == "postgresql"


def _vector_fits(words: list[str]) -> ColumnElement[bool]:
    query = func.plainto_tsquery(literal_column("'simple'"), " ".join(words))
    return literal_column(VECTOR).bool_op("@@")(query)


def _index_fits(words: list[str]) -> tuple[TableClause, ColumnElement[bool]]:
    quoted = " ".join(f'"{word}"' for word in words)
    return table(INDEX, column("rowid")), literal_column(INDEX).bool_op("match")(quoted)


def in_models(_thing: Any, name: str | None, _kind: str, reflected: bool, _model: Any) -> bool:
    """Whether alembic compares something of the database with the models, which do not know the index."""
    return not (reflected and name is not None and name.startswith(INDEX))
