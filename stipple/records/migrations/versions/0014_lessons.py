"""What staff want the assistant to learn, or to be tested with."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
OPEN = sa.text("kind != 'nothing' and (decision is null or decision = 'accepted')")


def upgrade() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("instruction_id", sa.String(length=80), nullable=True),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("expect", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('phrase', 'case', 'nothing')", name="lesson_kind"),
        sa.CheckConstraint("decision in ('accepted', 'rejected', 'withdrawn')", name="lesson_decision"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("lesson_once", "lesson", ["mark"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("lesson_by_message", "lesson", ["message_id"])
    op.create_index("lesson_by_state", "lesson", ["decision", "kind"])
