"""What the clarity page counts. Earlier messages are counted by `stipple clarity recount`."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clarity_person",
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("wording_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("healing_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("implicit", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.PrimaryKeyConstraint("instruction_id", "wording_version", "person", "healing_day", "channel"),
    )
    op.create_table(
        "clarity_count",
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("wording_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("healing_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("explicit", sa.Integer(), nullable=False),
        sa.Column("implicit", sa.Integer(), nullable=False),
        sa.Column("confused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.PrimaryKeyConstraint("instruction_id", "wording_version", "healing_day", "channel"),
    )
    op.create_table(
        "clarity_signal",
        sa.Column("delivery_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("delivery_id", "message_id", "kind"),
    )
    op.create_index("clarity_signal_by_instruction", "clarity_signal", ["instruction_id", "message_id"])
