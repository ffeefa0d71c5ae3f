"""Reading back: tags, comments, verdicts; and the words of messages, to be searched.

The database keeps the words and each conversation's latest time and number of messages itself, by triggers, so that
nothing that stores or erases a message can forget to.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQLITE = (
    "create virtual table message_words using fts5("
    "text, content='message', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "insert into message_words(message_words) values ('rebuild')",
    """create trigger message_stored after insert on message begin
    insert into message_words(rowid, text) values (new.id, new.text);
    update conversation set messages = messages + 1, last_at = max(coalesce(last_at, ''), new.sent_at)
    where id = new.conversation_id;
end""",
    """create trigger message_erased after delete on message begin
    insert into message_words(message_words, rowid, text) values ('delete', old.id, old.text);
    update conversation set messages = messages - 1,
    last_at = (select max(sent_at) from message where conversation_id = old.conversation_id)
    where id = old.conversation_id;
end""",
    """create trigger message_changed after update of text on message begin
    insert into message_words(message_words, rowid, text) values ('delete', old.id, old.text);
    insert into message_words(rowid, text) values (new.id, new.text);
end""",
)
# An index of PostgreSQL follows its table by itself.
POSTGRESQL = (
    r"create index message_words on message using gin (to_tsvector('simple', regexp_replace(text, '(\W|_)+', ' ', 'g')))",
    """create function message_stored() returns trigger language plpgsql as $$ begin
    update conversation set messages = messages + 1, last_at = greatest(last_at, new.sent_at)
    where id = new.conversation_id;
    return null;
end $$""",
    """create function message_erased() returns trigger language plpgsql as $$ begin
    update conversation set messages = messages - 1,
    last_at = (select max(sent_at) from message where conversation_id = old.conversation_id)
    where id = old.conversation_id;
    return null;
end $$""",
    "create trigger message_stored after insert on message for each row execute function message_stored()",
    "create trigger message_erased after delete on message for each row execute function message_erased()",
)


def upgrade() -> None:
    op.add_column("conversation", sa.Column("messages", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversation", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    mine = "from message where message.conversation_id = conversation.id"
    op.execute(f"update conversation set messages = (select count(*) {mine}), last_at = (select max(sent_at) {mine})")  # noqa: S608
    op.create_index("conversation_by_last", "conversation", ["last_at", "id"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "message_tag",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("message_id", "tag"),
    )
    op.create_index("message_tag_by_tag", "message_tag", ["tag"])
    op.create_table(
        "message_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_message_comment_message_id", "message_comment", ["message_id"])
    op.create_table(
        "review",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("conversation_id", "position"),
    )
    op.create_index("review_by_staff", "review", ["staff_id"])
    op.create_index("review_by_verdict", "review", ["verdict"])
    op.create_table(
        "review_decision",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
