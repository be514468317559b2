"""What is asked for: guidelines, rubric, categories, limits."""
