"""What changed between two versions: on a page, as JSON, as a file."""
