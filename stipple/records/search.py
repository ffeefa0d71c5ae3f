"""Finding messages by the words in them: the database's own index, FTS5 on SQLite and GIN on PostgreSQL.

A message fits when each word stands in it as a whole word, in capitals or not. Both databases follow what is stored and
what is erased by themselves (migration 0008).
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, column, func, literal_column, select, table
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


def holds(db: DbSession, words: list[str]) -> ColumnElement[bool]:
    """The condition that a message holds every one of ``words``, of which there must be one at least."""
    if db.get_bind().dialect.name == "postgresql":
        query = func.plainto_tsquery(literal_column("'simple'"), " ".join(words))
        return literal_column(VECTOR).op("@@")(query)
    quoted = " ".join(f'"{word}"' for word in words)
    index = table(INDEX, column("rowid"))
    found = select(index.c.rowid).where(literal_column(INDEX).op("match")(quoted))
    return Message.id.in_(found)


def in_models(_thing: Any, name: str | None, _kind: str, reflected: bool, _model: Any) -> bool:
    """Whether alembic compares something of the database with the models, which do not know the index."""
    return not (reflected and name is not None and name.startswith(INDEX))
