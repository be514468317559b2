"""Keeps rankings: responses to one prompt that people put in order, how they lay, and what was said; pairs name theirs.

Revision: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


REFUSE = """
DO $$ BEGIN
    LOCK TABLE rankings IN SHARE MODE;
    IF EXISTS (SELECT 1 FROM rankings) THEN
        RAISE EXCEPTION 'There are rankings, which an older Penset cannot read: restore a backup.';
    END IF;
END $$
"""


def of_set() -> list[sa.schema.SchemaItem]:
    """What every row of a set names."""
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
    ]


def keys_of(table: str, **others: str) -> list[sa.schema.SchemaItem]:
    """The keys of such a row: to its project, its set, and what else it names."""
    targets = {"project_id": "projects.id", "set_id": "comparison_sets.id"} | others
    keys = [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
    return [*keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def upgrade() -> None:
    """Add the tables, and what sets, pairs and comparisons say of them; what is there is of no ranking."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("comparison_sets", sa.Column("ranks", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_comparison_sets_ranks"), "comparison_sets", "ranks = 0 OR ranks BETWEEN 3 AND 9"
    )
    op.create_table(
        "rankings",
        *of_set(),
        sa.Column("comparison_prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("response_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("not_for", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.Float(), server_default="0", nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("opinions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_holder_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'closed')", name=op.f("ck_rankings_state")),
        sa.CheckConstraint("cardinality(response_ids) BETWEEN 2 AND 9", name=op.f("ck_rankings_responses")),
        sa.CheckConstraint("opinions BETWEEN 0 AND wanted", name=op.f("ck_rankings_opinions")),
        *keys_of("rankings", comparison_prompt_id="comparison_prompts.id"),
    )
    op.create_index(op.f("ix_rankings_set_id_state"), "rankings", ["set_id", "state"])
    op.create_index(
        "ix_rankings_open",
        "rankings",
        ["project_id", "certainty", "answered", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "orderings",
        *of_set(),
        sa.Column("ranking_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("laid", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("places", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("undone", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "offered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('plain', 'repeat')", name=op.f("ck_orderings_purpose")),
        sa.CheckConstraint("said IN ('ordered', 'cannot_judge', 'skipped')", name=op.f("ck_orderings_said")),
        sa.CheckConstraint("(said IS NULL) = (answered_at IS NULL)", name=op.f("ck_orderings_answered")),
        sa.CheckConstraint(
            "cardinality(places) = CASE WHEN said = 'ordered' THEN cardinality(laid) ELSE 0 END",
            name=op.f("ck_orderings_places"),
        ),
        *keys_of("orderings", ranking_id="rankings.id", person_id="users.id"),
        sa.UniqueConstraint(
            "ranking_id", "person_id", "purpose", name=op.f("uq_orderings_ranking_id_person_id_purpose")
        ),
    )
    op.create_index(
        op.f("ix_orderings_person_id_project_id_answered_at"), "orderings", ["person_id", "project_id", "answered_at"]
    )
    op.create_index(op.f("ix_orderings_set_id_answered_at"), "orderings", ["set_id", "answered_at"])
    for table, column, other in (
        ("comparison_pairs", "ranking_id", "rankings"),
        ("comparisons", "ordering_id", "orderings"),
    ):
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, other, [column], ["id"])
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Refused while there are rankings: an older process would take each of their pairs for one of its own."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(REFUSE)
    op.drop_column("comparisons", "ordering_id")
    op.drop_column("comparison_pairs", "ranking_id")
    op.drop_table("orderings")
    op.drop_table("rankings")
    op.drop_column("comparison_sets", "ranks")
