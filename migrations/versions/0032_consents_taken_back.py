"""Keeps which consents were taken back, for whom, by whom, and how far withdrawing what they covered is.

Revision: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KEYS = {"consent_id": "consents.id", "project_id": "projects.id", "user_id": "users.id", "asked_by": "users.id"}


def upgrade() -> None:
    """Add the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    table = "consents_taken_back"
    op.create_table(
        table,
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in KEYS),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.ForeignKeyConstraint([name], [of], name=op.f(f"fk_{table}_{name}")) for name, of in KEYS.items()),
        sa.PrimaryKeyConstraint("consent_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_project_id_user_id_consent_id"), table, ["project_id", "user_id", "consent_id"])
    op.create_index(f"ix_{table}_unfinished", table, ["project_id"], postgresql_where=sa.text("finished_at IS NULL"))


def downgrade() -> None:
    """Refuse where a consent was taken back: an older Penset would take it for given."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(REFUSE)
    op.drop_table("consents_taken_back")


REFUSE = """
DO $$ BEGIN
    LOCK TABLE consents_taken_back IN SHARE MODE;
    IF EXISTS (SELECT 1 FROM consents_taken_back) THEN
        RAISE EXCEPTION 'Consents were taken back, which an older Penset would take for given: restore a backup.';
    END IF;
END $$
"""
