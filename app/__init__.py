"""Penset: people write the data that teaches a language model to be an assistant."""
