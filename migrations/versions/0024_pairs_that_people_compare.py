"""Keeps comparison sets, their pairs and what people said of them; erasing a person empties their responses here too.

Revision: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MARK = "DELETE FROM phrases WHERE user_id = person;"
# What a run said may be what it saw of the person, word for word.
THEIRS = "submission_id = ANY (touched) OR run_id IN (SELECT id FROM runs WHERE version_id = ANY (saw))"
MORE = """UPDATE compared_responses SET messages = answered, details = '{}' WHERE $theirs;
    UPDATE comparison_prompts SET messages = asked WHERE prompt_id = ANY (own_prompts);
    UPDATE comparison_pairs SET state = 'closed', lease_holder_id = NULL, lease_expires_at = NULL
    WHERE state IN ('open', 'known') AND (
        first_id IN (SELECT id FROM compared_responses WHERE $theirs)
        OR second_id IN (SELECT id FROM compared_responses WHERE $theirs)
        OR comparison_prompt_id IN (SELECT id FROM comparison_prompts WHERE prompt_id = ANY (own_prompts)));
    """.replace("$theirs", THEIRS)
ERASE = """
DO $outer$
DECLARE
    was text := pg_get_functiondef('erase_person(bigint)'::regprocedure);
BEGIN
    IF strpos(was, $old${was}$old$) = 0 THEN
        RAISE EXCEPTION 'erase_person has another text than expected';
    END IF;
    EXECUTE replace(was, $old${was}$old$, $new${now}$new$);
END $outer$
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
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "comparison_sets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Text(), server_default="", nullable=False),
        sa.Column("opinions", sa.BigInteger(), nullable=False),
        sa.Column("asks_strength", sa.Boolean(), nullable=False),
        sa.Column("check_every", sa.BigInteger(), nullable=False),
        sa.Column("measures_only", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=True),
        sa.Column("figured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_comparison_sets_state")),
        sa.CheckConstraint("opinions BETWEEN 1 AND 9", name=op.f("ck_comparison_sets_opinions")),
        sa.CheckConstraint("check_every BETWEEN 0 AND 100", name=op.f("ck_comparison_sets_check_every")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_comparison_sets_project_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_comparison_sets_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_sets")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_comparison_sets_project_id_name")),
    )
    op.create_table(
        "comparison_prompts",
        *of_set(),
        sa.Column("prompt_id", sa.BigInteger(), nullable=True),
        sa.Column("messages", postgresql.JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        *keys_of("comparison_prompts", prompt_id="prompts.id"),
    )
    op.create_table(
        "compared_responses",
        *of_set(),
        sa.Column("comparison_prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("messages", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'run', 'imported')", name=op.f("ck_compared_responses_kind")),
        sa.CheckConstraint(
            "(kind = 'person') = (submission_id IS NOT NULL)", name=op.f("ck_compared_responses_submission")
        ),
        *keys_of(
            "compared_responses",
            comparison_prompt_id="comparison_prompts.id",
            submission_id="submissions.id",
            run_id="runs.id",
        ),
    )
    op.create_table(
        "comparison_pairs",
        *of_set(),
        sa.Column("comparison_prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("known_better_id", sa.BigInteger(), nullable=True),
        sa.Column("not_for", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.Float(), server_default="0", nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("opinions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_holder_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'closed', 'known')", name=op.f("ck_comparison_pairs_state")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_comparison_pairs_order")),
        sa.CheckConstraint("opinions BETWEEN 0 AND wanted", name=op.f("ck_comparison_pairs_opinions")),
        sa.CheckConstraint(
            "(state = 'known') <= (known_better_id IS NOT NULL)", name=op.f("ck_comparison_pairs_known")
        ),
        *keys_of(
            "comparison_pairs",
            comparison_prompt_id="comparison_prompts.id",
            first_id="compared_responses.id",
            second_id="compared_responses.id",
            known_better_id="compared_responses.id",
        ),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_comparison_pairs_first_id_second_id")),
    )
    op.create_table(
        "comparisons",
        *of_set(),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("left_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("strength", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("undone", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "offered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('plain', 'known', 'repeat')", name=op.f("ck_comparisons_purpose")),
        sa.CheckConstraint(
            "choice IN ('left', 'right', 'tie', 'both_bad', 'cannot_judge', 'skipped')",
            name=op.f("ck_comparisons_choice"),
        ),
        sa.CheckConstraint("strength IN ('slightly', 'clearly', 'by_far')", name=op.f("ck_comparisons_strength")),
        sa.CheckConstraint("(choice IS NULL) = (answered_at IS NULL)", name=op.f("ck_comparisons_answered")),
        sa.CheckConstraint(
            "strength IS NULL OR choice IN ('left', 'right')", name=op.f("ck_comparisons_strength_of_a_choice")
        ),
        *keys_of("comparisons", pair_id="comparison_pairs.id", person_id="users.id", left_id="compared_responses.id"),
        sa.UniqueConstraint("pair_id", "person_id", "purpose", name=op.f("uq_comparisons_pair_id_person_id_purpose")),
    )
    for table, columns in INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    op.create_index(
        "ix_comparison_pairs_open",
        "comparison_pairs",
        ["project_id", "certainty", "answered", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_comparison_pairs_known",
        "comparison_pairs",
        ["project_id", "id"],
        postgresql_where=sa.text("state = 'known'"),
    )
    op.execute(ERASE.format(was=MARK, now=MORE + MARK))


INDEXES = (
    ("comparison_prompts", ["set_id"]),
    ("comparison_prompts", ["prompt_id"]),
    ("compared_responses", ["comparison_prompt_id"]),
    ("compared_responses", ["submission_id"]),
    ("comparison_pairs", ["set_id", "state"]),
    ("comparisons", ["person_id", "project_id", "answered_at"]),
    ("comparisons", ["set_id", "answered_at"]),
)


def downgrade() -> None:
    """What people compared is forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=MORE + MARK, now=MARK))
    for table in ("comparisons", "comparison_pairs", "compared_responses", "comparison_prompts", "comparison_sets"):
        op.drop_table(table)
