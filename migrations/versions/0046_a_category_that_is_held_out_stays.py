"""Keeps a category that the preparation of a dataset holds out: one that is added again under another name is another.

Revision: 0046
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the database refuse, as by a foreign key, which a list in JSON cannot have."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
    CREATE FUNCTION keep_held_out_category() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM datasets WHERE project_id = OLD.project_id
            AND preparation->'held_out_categories' @> to_jsonb(OLD.id)) THEN
            RAISE foreign_key_violation USING MESSAGE = 'a dataset holds this category out';
        END IF;
        RETURN OLD;
    END $$""")
    op.execute("""
    CREATE TRIGGER keep_held_out BEFORE DELETE ON categories
    FOR EACH ROW EXECUTE FUNCTION keep_held_out_category()""")


def downgrade() -> None:
    """Take it away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER keep_held_out ON categories")
    op.execute("DROP FUNCTION keep_held_out_category()")
