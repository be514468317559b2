"""A version is made: read once, split, written, described, listed."""
