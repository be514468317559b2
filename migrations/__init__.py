"""Alembic's migrations, one file a change, named for what it does."""
