"""A reviewer's desk: what lies on it, how it is looked at, what stands beside it."""
