"""Lets a person be erased: history is emptied of what they wrote by one function, and by nothing else.

Revision: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# History refuses every change, but inside erase_person: that runs as the owner of the tables and says so.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('penset.erasing', true) = 'on' AND current_user = (
        SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""

REFUSED_BEFORE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""

ERASE = """
CREATE FUNCTION erase_person(person bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked jsonb := '[{"role": "user", "content": "(erased)"}]';
    answered jsonb := '[{"role": "assistant", "content": "(erased)"}]';
    gone text := '(erased)';
    own_prompts bigint[] := ARRAY(SELECT id FROM prompts WHERE author_id = person);
    own bigint[] := ARRAY(SELECT id FROM submissions WHERE author_id = person);
    touched bigint[] := ARRAY(
        SELECT id FROM submissions WHERE author_id = person OR prompt_id = ANY (own_prompts)
        UNION SELECT submission_id FROM revisions WHERE author_id = person);
    saw bigint[] := ARRAY(SELECT DISTINCT version_id FROM version_rows WHERE submission_id = ANY (touched));
BEGIN
    PERFORM set_config('penset.erasing', 'on', true);

    UPDATE categories c SET approved = approved - s.n
    FROM (SELECT category_id, count(*) AS n FROM submissions
        WHERE id = ANY (touched) AND status = 'approved' AND category_id IS NOT NULL GROUP BY category_id) s
    WHERE c.id = s.category_id;
    UPDATE slots SET filled_at = NULL FROM assignments a, submissions s
    WHERE a.slot_id = slots.id AND s.assignment_id = a.id AND s.id = ANY (own) AND NOT s.prompt_id = ANY (own_prompts)
        AND s.status IN ('submitted', 'changes_requested', 'approved');
    UPDATE prompts SET status = 'approved'
    WHERE status = 'complete' AND id IN (SELECT prompt_id FROM slots WHERE filled_at IS NULL);
    UPDATE submissions SET status = 'withdrawn', lease_holder_id = NULL, lease_expires_at = NULL
    WHERE id = ANY (touched) AND status <> 'withdrawn';
    UPDATE assignments SET status = 'skipped', skip_reason = ''
    WHERE (writer_id = person OR prompt_id = ANY (own_prompts)) AND status = 'drafting';
    UPDATE assignments SET skip_reason = '' WHERE writer_id = person;

    UPDATE drafts SET messages = '[]', prompt_messages = '[]', provenance = NULL, caret = NULL, revision = revision + 1
    WHERE assignment_id IN (SELECT id FROM assignments WHERE writer_id = person);
    UPDATE prompts SET messages = asked, imported_response = NULL, reason = '', source = '', status = 'rejected'
    WHERE id = ANY (own_prompts);
    UPDATE prompts SET reason = '' WHERE decided_by = person;
    UPDATE revisions SET messages = answered, provenance = NULL
    WHERE author_id = person OR submission_id = ANY (own);
    UPDATE revisions SET prompt_messages = asked
    WHERE submission_id IN (SELECT id FROM submissions WHERE prompt_id = ANY (own_prompts));
    DELETE FROM fingerprints WHERE (kind = 'prompt' AND subject_id = ANY (own_prompts))
        OR (kind <> 'prompt' AND subject_id = ANY (touched));

    UPDATE reviews SET note = '', missed = '' WHERE reviewer_id = person;
    UPDATE opinions SET note = '', missed = '' WHERE reviewer_id = person;
    UPDATE gold_answers SET note = '', missed = '', edited_messages = NULL WHERE reviewer_id = person;
    UPDATE gold_items SET note = '' WHERE made_by = person;
    DELETE FROM held_decisions WHERE reviewer_id = person OR submission_id = ANY (touched);
    UPDATE comments SET quote = gone WHERE submission_id = ANY (own);
    UPDATE comments SET body = gone WHERE author_id = person;
    UPDATE prompt_questions SET body = gone WHERE author_id = person;
    UPDATE prompt_reports SET note = '' WHERE reporter_id = person;
    UPDATE wordings SET heading = gone, text = gone, reason = '' WHERE author_id = person;
    DELETE FROM phrases WHERE user_id = person;
    DELETE FROM notices WHERE user_id = person;
    DELETE FROM given_answers WHERE user_id = person;
    DELETE FROM sign_ins WHERE user_id = person;
    DELETE FROM one_time_links WHERE user_id = person;
    DELETE FROM api_tokens WHERE user_id = person;

    INSERT INTO retired_versions (version_id) SELECT unnest(saw) ON CONFLICT DO NOTHING;
    DELETE FROM reports WHERE run_id IN (SELECT id FROM runs WHERE version_id = ANY (saw));
    DELETE FROM run_events WHERE run_id IN (SELECT id FROM runs WHERE version_id = ANY (saw));

    UPDATE memberships SET left_at = coalesce(left_at, now()) WHERE user_id = person;
    UPDATE users SET name = 'Erased', email = 'erased-' || id || '@invalid', email_key = 'erased-' || id || '@invalid',
        password_hash = NULL, is_admin = false, mail_notices = 'never', disabled_at = coalesce(disabled_at, now()),
        erased_at = coalesce(erased_at, now())
    WHERE id = person;
    PERFORM set_config('penset.erasing', 'off', true);
END $$
"""

GRANTS = """
DO $$ BEGIN
    REVOKE ALL ON FUNCTION erase_person(bigint) FROM PUBLIC;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        GRANT EXECUTE ON FUNCTION erase_person(bigint) TO penset_app;
        REVOKE UPDATE, DELETE ON retired_versions FROM penset_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "retired_versions",
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_retired_versions_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_retired_versions")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON retired_versions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(REFUSE_CHANGE)
    op.execute(ERASE)
    op.execute(GRANTS)


def downgrade() -> None:
    """Which versions are retired is forgotten; what was erased stays gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION erase_person(bigint)")
    op.execute(REFUSED_BEFORE)
    op.drop_table("retired_versions")
    op.drop_column("users", "erased_at")
