"""Drafts and submissions: what people write."""
