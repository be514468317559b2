"""Reports: what a run learned, and what it only memorised."""
