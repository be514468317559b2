"""A version is sent to a hub."""
