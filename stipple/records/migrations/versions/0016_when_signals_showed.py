"""When a sign of confusion showed, so that the inbox reads the last weeks' signs and no others."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# The reply comes right after the patient's message; where another stands between, the message's own time is near enough.
FILL = """
update clarity_signal set at = (
    select coalesce(reply.sent_at, asked.sent_at)
    from message as asked
    left join message as reply
        on reply.conversation_id = asked.conversation_id and reply.sequence = asked.sequence + 1
    where asked.id = clarity_signal.message_id
)
"""


def upgrade() -> None:
    op.add_column("clarity_signal", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("clarity_signal") as table:
        table.alter_column("at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.drop_index("clarity_signal_by_kind")
        table.create_index("clarity_signal_by_kind", ["kind", "at"])
