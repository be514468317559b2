"""Keeps who is being erased and how far it is, so that whoever is stopped in the midst of it can be followed.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "erasures",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("progress", sa.Text(), server_default="", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_erasures_asked_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_erasures_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_unfinished", "erasures", ["user_id"], postgresql_where=sa.text("finished_at IS NULL"))
    op.execute(
        "INSERT INTO erasures (user_id, asked_at, finished_at) "
        "SELECT id, erased_at, erased_at FROM users WHERE erased_at IS NOT NULL"
    )


def downgrade() -> None:
    """Who was erased stays erased; who asked for it is forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("erasures")
