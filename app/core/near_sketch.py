"""Are two texts surely too far apart to be alike? A glance at bits says so of nearly all pairs. Pure.

Each piece of a text flips as many bits as it weighs, so two texts differ by at least the weight of the bits in which
their sketches differ. The heavier a text, the wider its sketch: in a narrow one the many pieces of long texts meet, and
hide how far these are apart.
"""

from collections.abc import Iterable

from app.core.near import RAREST

NARROWEST = 2048


def width_of(weighs: int) -> int:
    """How many bits a text of this weight gets: a power of two, twice its weight and more."""
    return max(NARROWEST, 1 << (weighs.bit_length() + 1))


def sketch(ranks: Iterable[int], weight_of: bytes, width: int) -> int:
    """The bits of a text, whose pieces are given by their ranks and weigh as the table says."""
    bits = 0
    for rank in ranks:
        bits ^= ((1 << weight_of[rank]) - 1) << rank * RAREST % width
    return bits


def folded(bits: int, width: int) -> int:
    """A sketch of twice this width as it were in this one."""
    return (bits >> width) ^ (bits & ((1 << width) - 1))
