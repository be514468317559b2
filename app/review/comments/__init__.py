"""Comments on passages: made, answered, settled, found again in the next revision."""
