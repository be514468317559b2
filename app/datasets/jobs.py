"""Background work of datasets."""
