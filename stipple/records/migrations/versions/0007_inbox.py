"""What the inbox finds its items by, who looks after them, and how they were resolved.

Earlier replies are read anew, so that whoever waits stays in the inbox. Who took or closed a danger sign keeps their
name; where exactly one account has that name, it is joined to it.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_ONCE = 2000


def upgrade() -> None:
    op.add_column("message", sa.Column("need", sa.String(length=10), nullable=True))
    _read_earlier_replies()
    op.create_index("message_by_need", "message", ["need", "sent_at"])
    op.create_index("clarity_signal_by_kind", "clarity_signal", ["kind", "message_id"])
    for name in ("taken_by", "closed_by"):
        # Within the statement that adds the column: SQLite would have to build the table anew to add the key later.
        key = sa.Column(f"{name}_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=True)
        op.add_column("alert", key, inline_references=True)
        _join_account(name)
    op.create_table(
        "keeping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("instruction_id", sa.String(length=80), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('waiting', 'unclear', 'missed', 'not_helpful')", name="keeping_kind"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("keeping_by_item", "keeping", ["message_id", "kind"])
    op.create_table(
        "resolution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("instruction_id", sa.String(length=80), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('danger', 'waiting', 'unclear', 'missed', 'not_helpful')", name="resolution_kind"),
        sa.CheckConstraint(
            "code in ('unclear_wording', 'incomplete', 'contradicts', 'bot_misunderstood', 'clinical_concern', 'fine')",
            name="resolution_code",
        ),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["reply_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "reply_id"),
        sa.UniqueConstraint("kind", "instruction_id", "message_id"),
        sa.UniqueConstraint("alert_id"),
    )
    op.create_index("resolution_by_conversation", "resolution", ["conversation_id", "instruction_id", "message_id"])
    op.create_index("resolution_by_code", "resolution", ["code", "at"])
    op.create_index("resolution_by_time", "resolution", ["at"])


def _join_account(name: str) -> None:
    """Note whose account a name is, where it can be no other's."""
    alert = sa.table("alert", sa.column(name), sa.column(f"{name}_id"))
    staff = sa.table("staff", sa.column("id"), sa.column("name"))
    same = staff.c.name == alert.c[name]
    account = sa.select(sa.func.min(staff.c.id)).where(same).scalar_subquery()
    number = sa.select(sa.func.count(staff.c.id)).where(same).scalar_subquery()
    op.execute(sa.update(alert).values({f"{name}_id": account}).where(number == 1))


def _read_earlier_replies() -> None:
    """Note on each reply what it left its patient in need of, as `stipple.care.need` did when this was written."""
    connection, last = op.get_bind(), 0
    message = sa.table("message", *(sa.column(name) for name in ("id", "trace", "outcome", "need")))
    text = sa.cast(message.c.trace, sa.Text)
    hints = (text.like(f"%{word}%") for word in ("contact", "unclear", "did_you_mean"))
    while True:
        found = sa.select(message.c.id, text.label("trace"), message.c.outcome)
        found = found.where(message.c.id > last, sa.or_(message.c.outcome == "fallback", *hints))
        rows = connection.execute(found.order_by(message.c.id).limit(AT_ONCE)).all()
        needs = [{"number": row.id, "found": _need(json.loads(row.trace), row.outcome)} for row in rows]
        if needed := [n for n in needs if n["found"]]:
            changed = sa.update(message).where(message.c.id == sa.bindparam("number"))
            connection.execute(changed.values(need=sa.bindparam("found")), needed)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def _need(trace: list[dict[str, str]], outcome: str) -> str:
    if any(t.get("kind") == "contact" and t.get("topic") == "person" for t in trace):
        return "person"
    if outcome == "fallback":
        return "fallback"
    if any(t.get("kind") == "unclear" for t in trace):
        return "unclear"
    return "missed" if any(t.get("topic") == "did_you_mean" for t in trace) else ""
