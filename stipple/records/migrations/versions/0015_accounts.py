"""Sealed secrets, start passwords, and indexes for the page of who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column of its own, because the old one is too short, and SQLite could only widen it by making the table anew.
    op.add_column("staff", sa.Column("totp_sealed", sa.String(length=255), nullable=True))
    op.add_column("staff", sa.Column("start_password_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("audit_by_person", "audit", ["staff_id", "at"])
    op.create_index("audit_by_action", "audit", ["action", "at"])
    op.create_index("audit_by_person_and_action", "audit", ["staff_id", "action", "at"])
    # The new one begins with the same column.
    op.drop_index("ix_audit_staff_id", "audit")
