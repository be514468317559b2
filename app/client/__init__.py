"""Penset from afar: a client of the API and the commands built on it. Knows nothing of the server's code."""
