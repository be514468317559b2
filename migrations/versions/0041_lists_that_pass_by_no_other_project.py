"""Lists a project's prompts and submissions without passing by the newer ones of all other projects.

Revision: 0041
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = ("prompts", "submissions")


def upgrade() -> None:
    """Add the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.create_index(f"ix_{table}_project_id_id", table, ["project_id", "id"])


def downgrade() -> None:
    """Take them away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.drop_index(f"ix_{table}_project_id_id", table)
