"""Figures over all of it: what waits for me, how far a project is. Only reads, in SQL."""
