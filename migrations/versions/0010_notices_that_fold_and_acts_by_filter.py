"""Keeps one unread notice a kind and subject, lets people choose when they are mailed, finds acts by any filter.

Revision: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at IS NULL")
MAILED = sa.text("mail_notices <> 'never'")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("notices", sa.Column("times", sa.BigInteger(), server_default="1", nullable=False))
    op.drop_index("ix_notices_unread", table_name="notices", postgresql_where=UNREAD)
    op.drop_index(op.f("ix_notices_user_id_id"), table_name="notices")
    columns = ["user_id", "kind", "subject", "subject_id"]
    op.create_index("ix_notices_unread", "notices", columns, unique=True, postgresql_where=UNREAD)
    op.create_index(op.f("ix_notices_user_id_created_at"), "notices", ["user_id", "created_at"], unique=False)
    op.alter_column(
        "users",
        "mail_notices",
        type_=sa.Text(),
        postgresql_using="CASE WHEN mail_notices THEN 'daily' ELSE 'never' END",
    )
    op.create_check_constraint(op.f("ck_users_mail_notices"), "users", "mail_notices IN ('never', 'at_once', 'daily')")
    op.create_index(
        "ix_users_mailed", "users", ["id"], unique=False, postgresql_where=sa.text("mail_notices <> 'never'")
    )
    op.create_index(op.f("ix_audit_log_actor_id_id"), "audit_log", ["actor_id", "id"], unique=False)
    op.create_index(op.f("ix_audit_log_action_id"), "audit_log", ["action", "id"], unique=False)
    op.create_index(
        op.f("ix_audit_log_subject_subject_id_id"), "audit_log", ["subject", "subject_id", "id"], unique=False
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)


def downgrade() -> None:
    """Notices no longer fold, mail is on or off, and acts are found by their project alone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("at", "subject_subject_id_id", "action_id", "actor_id_id"):
        op.drop_index(op.f(f"ix_audit_log_{name}"), table_name="audit_log")
    op.drop_index("ix_users_mailed", table_name="users", postgresql_where=MAILED)
    op.drop_constraint(op.f("ck_users_mail_notices"), "users", type_="check")
    op.alter_column("users", "mail_notices", type_=sa.Boolean(), postgresql_using="mail_notices <> 'never'")
    op.drop_index(op.f("ix_notices_user_id_created_at"), table_name="notices")
    op.drop_index("ix_notices_unread", table_name="notices", postgresql_where=UNREAD)
    op.create_index(op.f("ix_notices_user_id_id"), "notices", ["user_id", "id"], unique=False)
    op.create_index("ix_notices_unread", "notices", ["user_id", "id"], unique=False, postgresql_where=UNREAD)
    op.drop_column("notices", "times")
