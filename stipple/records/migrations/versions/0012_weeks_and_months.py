"""What trends and monthly reports count.

The new counters of earlier messages are filled by `stipple clarity recount`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clarity_week_person",
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("confused", sa.Boolean(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.PrimaryKeyConstraint("instruction_id", "week", "person"),
    )
    op.create_table(
        "clarity_week",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("confused", sa.Integer(), nullable=False),
        sa.Column("handed_over", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.PrimaryKeyConstraint("week", "instruction_id"),
    )
    op.create_table(
        "month_talk",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("needed_person", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.PrimaryKeyConstraint("month", "conversation_id"),
    )
    op.create_index("month_talk_by_conversation", "month_talk", ["conversation_id"])
    op.create_table(
        "month_topic",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "label", "days"),
    )
    op.create_table(
        "month_missed",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("month_missed_by_month", "month_missed", ["month", "message_id"])
    op.create_index("alert_by_time", "alert", ["raised_at"])
