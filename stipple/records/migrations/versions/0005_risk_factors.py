"""Risk factors of patients, which make a healing sign more serious."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("risk_factors", sa.JSON(), nullable=True))
