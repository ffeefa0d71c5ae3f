"""Finding messages by words, and what the database keeps by itself, on each kind of database."""

import pytest
from sqlalchemy import delete, select, text

from stipple.console.excerpt import excerpt, marked
from stipple.records.conversations import add_message, start_conversation
from stipple.records.database import Database
from stipple.records.models import Conversation, Message
from stipple.records.search import holds, holds_each, words_of

from .conftest import NOW

SAID = "Can I wash my HAIR to-morrow? Write to ann_lee@example.com about Grüße, and don't call."


@pytest.fixture
def talk(database: Database) -> str:
    with database.begin() as db:
        found = start_conversation(db, "web", NOW).id
        add_message(db, found, "patient", SAID, NOW)
        add_message(db, found, "assistant", "Not before day 4.", NOW)
        return found


def hits(database: Database, query: str, after: int = 0) -> int:
    with database.begin() as db:
        words = words_of(query)
        found = db.scalars(select(Message.id).where(holds(db, words, after))).all()
        each = db.scalars(select(Message.id).where(holds_each(db, words), Message.id > after)).all()
        assert found == each
        return len(found)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("hair", 1),
        ("WASH hair", 1),
        ("hair wash can", 1),
        ("hair swim", 0),
        ("hai", 0),
        ("hair 4", 0),
        ("4", 1),
        ("to-morrow", 1),
        ("lee", 1),
        ("example com", 1),
        ("GRÜSSE", 0),
        ("grüße", 1),
        ("don't", 1),
        ("NEAR hair", 0),
        ('"hair', 1),
        ("hair:* OR", 0),
    ],
)
def test_every_word_must_stand_in_one_message(database: Database, talk: str, query: str, count: int) -> None:
    assert hits(database, query) == count
    assert hits(database, query, after=10**9) == 0


def test_what_is_erased_or_changed_is_not_found_any_more(database: Database, talk: str) -> None:
    with database.begin() as db:
        message = db.scalars(select(Message).where(Message.author == "patient")).one()
        message.text = "Something else"
    assert (hits(database, "hair"), hits(database, "else")) == (0, 1)
    with database.begin() as db:
        db.execute(delete(Message).where(Message.conversation_id == talk))
    assert hits(database, "else") == 0
    with database.begin() as db:
        if db.get_bind().dialect.name == "sqlite":
            assert db.scalar(text("select count(*) from message_words where message_words match 'else'")) == 0
            db.execute(text("insert into message_words(message_words, rank) values ('integrity-check', 1)"))


def test_each_conversation_knows_its_latest_message_and_their_number(database: Database, talk: str) -> None:
    def facts() -> tuple[object, ...]:
        with database.begin() as db:
            return tuple(db.execute(select(Conversation.messages, Conversation.last_at)).one())

    assert facts() == (2, NOW)
    with database.begin() as db:
        db.execute(delete(Message).where(Message.author == "assistant"))
    assert facts() == (1, NOW)
    with database.begin() as db:
        db.execute(delete(Message))
    assert facts() == (0, None)


def test_the_words_are_marked_where_they_stand() -> None:
    assert marked("Wash my hair, hairy", ["hair"]) == [("Wash my ", False), ("hair", True), (", hairy", False)]
    assert marked("", ["hair"]) == []
    long = f"{'before ' * 40}HAIR{' after' * 40}"
    pieces = excerpt(long, ["hair"])
    assert ("HAIR", True) in pieces
    shown = "".join(piece for piece, _ in pieces)
    assert (shown.startswith("… before"), shown.endswith("after …"), len(shown) < 200) == (True, True, True)
