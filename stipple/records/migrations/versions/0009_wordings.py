"""Where each wording came from, what the content files said last, and new wordings on their way."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wording", sa.Column("origin", sa.String(length=10), nullable=False, server_default="files"))
    op.add_column("wording", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("wording", sa.Column("restores", sa.Integer(), nullable=True))
    op.add_column("instruction", sa.Column("file_mark", sa.String(length=64), nullable=True))
    _mark_instructions()
    op.create_table(
        "wording_draft",
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("simpler", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("instruction_id", "staff_id"),
    )
    op.create_table(
        "wording_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instruction_id", sa.String(length=80), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("simpler", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("wording_proposal_by_instruction", "wording_proposal", ["instruction_id", "decision"])


def _mark_instructions() -> None:
    """Until now every wording came from the content files, so the newest one is what they said last."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("select instruction_id, text, why, simpler from wording order by instruction_id, version")
    )
    newest = {row[0]: hashlib.sha256(json.dumps([*row[1:]]).encode()).hexdigest() for row in rows}
    for instruction, mark in newest.items():
        connection.execute(
            sa.text("update instruction set file_mark = :mark where id = :id"), {"mark": mark, "id": instruction}
        )
