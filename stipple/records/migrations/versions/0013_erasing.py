"""Indexes by which rows that refer to an erased message are found, and what the engine has still to forget."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("clarity_signal_by_message", "clarity_signal", ["message_id"])
    op.create_index("alert_by_message", "alert", ["message_id"])
    op.create_index("resolution_by_message", "resolution", ["message_id"])
    op.create_index("resolution_by_reply", "resolution", ["reply_id"])
    op.create_table(
        "engine_leftover",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
