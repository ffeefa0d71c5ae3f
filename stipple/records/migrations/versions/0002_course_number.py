"""A number for each of a patient's courses, so that a course keeps its identity when its goal changes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        """
        update course set number = (
            select count(*) from course as other where other.patient_id = course.patient_id and other.id <= course.id
        )
        """
    )
    op.create_index("course_by_number", "course", ["patient_id", "number"], unique=True)
