"""Models answer the prompts of a comparison set: what is asked for, which prompts, the asking, and the pairs of it."""
