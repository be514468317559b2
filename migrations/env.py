"""Runs migrations on the connection that the caller holds, inside its transaction and its lock."""

from alembic import context

from app import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    compare_type=True,
    include_name=lambda name, kind, parents: not (name or "").startswith("procrastinate"),
)
context.run_migrations()
