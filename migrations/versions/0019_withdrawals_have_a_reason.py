"""Keeps who withdrew a member's response on their behalf, and why: the member is told.

Revision: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "withdrawals",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_withdrawals_submission_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["users.id"], name=op.f("fk_withdrawals_withdrawn_by")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_withdrawals")),
    )


def downgrade() -> None:
    """What was withdrawn stays so; the reasons are forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("withdrawals")
