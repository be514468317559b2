"""Penset's tests: they read as what the product does."""
