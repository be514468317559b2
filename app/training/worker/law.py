"""How much of a gap do more examples take off the unseen loss? Readable without torch or numpy. Pure.

With t examples, the loss on new ones lies m/2t above what the model can reach, on those trained on m/2t below: S. Amari
and N. Murata, *Statistical Theory of Learning Curves under Entropic Loss Criterion*, Neural Computation 5 (1993). So
half of a gap is what more examples can take off the unseen loss, and it shrinks as 1/t. That law is of a whole model
trained to its end; to read it category by category is a rule of our own.
"""

MORE = 10  # examples that one piece of advice speaks of


def part_taken(trained: int) -> float:
    """The part of a gap at `trained` examples that MORE take off: half of it now, 1/2 * t / (t + MORE) with them."""
    return MORE / (2 * (trained + MORE))
