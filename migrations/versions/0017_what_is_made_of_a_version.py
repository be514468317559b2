"""Keeps the formats that are made of a published version, and where it was sent.

Revision: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATUS = "status IN ('queued', 'done', 'failed')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "version_formats",
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("files", JSONB(), nullable=False),
        sa.Column("left_out", JSONB(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(STATUS, name=op.f("ck_version_formats_status")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_version_formats_asked_by")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_version_formats_version_id")),
        sa.PrimaryKeyConstraint("version_id", "format", name=op.f("pk_version_formats")),
    )
    op.create_table(
        "hub_pushes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(STATUS, name=op.f("ck_hub_pushes_status")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_hub_pushes_asked_by")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_hub_pushes_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_pushes")),
        sa.UniqueConstraint("version_id", "repository", name=op.f("uq_hub_pushes_version_id_repository")),
    )


def downgrade() -> None:
    """Which formats were made, and what was sent where, is forgotten; the files stay in storage."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("hub_pushes")
    op.drop_table("version_formats")
