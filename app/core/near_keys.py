"""By which numbers is a text found again by another that is much like it? Pure; a database keeps and asks for them.

Short texts: their rarest pieces in an order that never changes, as many as two alike texts cannot both do without
(prefix filtering): every alike text is found. Long texts, which have too many of those: the smallest hashes of their
rare pieces, six at a time (MinHash with one permutation and banding; Li, Owen, Zhang: "One Permutation Hashing", 2012;
Shrivastava, Li: "Densifying One Permutation Hashing via Rotation", 2014): nearly every alike text is found.
"""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import count
from math import floor, log

from app.core.near import HINT_ALIKE, RAREST, Grams, share, weight, weights

# Up to this weight, of some 110 characters, prefixes are short enough, and smallest hashes are too few.
LONG = 500
MEETING = 5 * RAREST
BANDS, ROWS = 16, 6
RARE = 5
SIGNED = 1 << 63


def keys_to_keep(salt: str, held: Grams) -> list[int]:
    """The numbers under which a text is kept: those of the class of its weight."""
    return _keys(salt, held, weight(held), [_size_class(weight(held))])


def keys_to_ask(salt: str, held: Grams) -> list[int]:
    """The numbers of any text that might be alike: as above, for each class of weight that such a text can have."""
    mine = weight(held)
    lightest, heaviest = share(HINT_ALIKE, mine), mine * 100 // HINT_ALIKE
    return _keys(salt, held, mine, range(_size_class(lightest), _size_class(heaviest) + 1))


def is_long(mine: int) -> bool:
    """Whether a text of this weight is looked for by its smallest hashes too."""
    return mine > LONG


def must_meet(mine: int) -> int:
    """How many numbers a text of this weight shares at least with one that is alike."""
    return 1 if is_long(mine) else max(1, -(-min(MEETING, share(HINT_ALIKE, mine)) // RAREST))


def _keys(salt: str, held: Grams, mine: int, classes: Iterable[int]) -> list[int]:
    """A text near the border is kept in both ways, so that a short one meets it whichever side it stands on."""
    marks = _rarest(held, mine) if mine <= LONG * 100 // HINT_ALIKE else []
    if is_long(mine):
        marks = [*marks, *_bands(held)]
    return sorted({_number(f"{salt}\0{size}\0{mark}") for size in classes for mark in marks})


def _rarest(held: Grams, mine: int) -> list[str]:
    """The first pieces in the fixed order: heavy ones first, those of one weight by a hash."""
    table = weights()
    ordered = sorted(held, key=lambda gram: (-table.get(gram, RAREST), _number(gram)))
    left = mine - share(HINT_ALIKE, mine) + MEETING
    first = []
    for gram in ordered:
        if left <= 0:
            break
        left -= table.get(gram, RAREST)
        first.append(gram)
    return first


def _bands(held: Grams) -> list[str]:
    """The smallest hashes of the rare pieces, one of each of 96 parts, joined by sixes."""
    table = weights()
    parts: list[int | None] = [None] * (BANDS * ROWS)
    for gram in held:
        if table.get(gram, RAREST) >= RARE:
            number, part = divmod(_number(gram) + SIGNED, len(parts))
            before = parts[part]
            parts[part] = number if before is None or number < before else before
    full = [_nearest(parts, at) for at in range(len(parts))]
    return [f"{at}:{full[at : at + ROWS]}" for at in range(0, len(full), ROWS)]


def _nearest(parts: list[int | None], at: int) -> tuple[int, int]:
    """What stands in a part; in an empty one what stands in the next full one, with how far that was."""
    for away in count():
        if away == len(parts):
            break
        found = parts[(at + away) % len(parts)]
        if found is not None:
            return away, found
    return 0, 0


def _size_class(mine: int) -> int:
    """Weights by their logarithm: two alike texts stand in one class or in the next."""
    return floor(log(max(mine, 1)) / log(100 / HINT_ALIKE))


def _number(text: str) -> int:
    """64 bits of a hash, as PostgreSQL's bigint has them."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)
