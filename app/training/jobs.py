"""Background work of training."""
