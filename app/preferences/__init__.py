"""What do people prefer? Comparison sets, blind judgements of pairs, and what they say of where responses come from."""
