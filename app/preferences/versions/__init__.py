"""Versions of what people prefer: which pairs, by which rule, as which rows; published as any other version is."""
