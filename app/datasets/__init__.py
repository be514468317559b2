"""Frozen, numbered versions of what was approved."""
