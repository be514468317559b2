"""Runs: fine-tuning on one version."""
