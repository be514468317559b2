"""Decisions on revisions."""
