"""How alike are two texts? Pieces of three letters of their words, of which the rare ones weigh more.

What sets "the capital of France" apart from "the capital of Italy" is a rare word; what they share is common. So each
piece weighs by how few texts of a fixed, shipped table hold it (`scripts/gram_weights.py` makes it). The score is
weighted Jaccard similarity: the weight of what both have over the weight of what either has. All in whole numbers, so
that every machine finds the same. Measured in decision 0004.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import repeat
from pathlib import Path

# In percent. A split takes the recall; a hint, which somebody has to read, takes the precision.
SPLIT_ALIKE = 65
HINT_ALIKE = 80
RAREST = 8
LETTERS = 3

TABLE = Path(__file__).with_name("gram_weights.txt")
ASCII_DROPPED = re.compile(r"(?<![a-z0-9])#|[!\"%&'()*,\-./:;?@\[\\\]_{}]")
ACCENT = re.compile(r"[\u0300-\u036f]")
Grams = frozenset[str]


def comparable(text: str) -> str:
    """The text as it is compared, and never as it is kept: compatibility forms, cases and accents folded, no
    punctuation but the # of C#, single spaces."""
    if text.isascii():  # the same, many times faster
        return " ".join(ASCII_DROPPED.sub("", text.lower()).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = unicodedata.normalize("NFKC", ACCENT.sub("", folded))
    before = " "
    kept: list[str] = []
    for character in bare:
        if unicodedata.category(character)[0] != "P" or (character == "#" and before.isalnum()):
            kept.append(character)
        before = character
    return " ".join("".join(kept).split())


def grams(text: str) -> Grams:
    """The pieces of three letters of each word with its edges; a text without words is one empty piece."""
    words = {f" {word} " for word in comparable(text).split()}
    pieces = frozenset(word[at : at + LETTERS] for word in words for at in range(len(word) - LETTERS + 1))
    return pieces or frozenset([""])


@cache
def weights() -> Mapping[str, int]:
    """The weight of each common piece, 1 to 7; every other has the weight 8."""
    lines = (line.split(" ") for line in TABLE.read_text("utf-8").splitlines())
    return {gram.replace("_", " "): int(weight) for weight, *held in lines for gram in held}


@cache
def comparison() -> Mapping[str, str | int]:
    """How texts are compared, in the values that decide it: the method's name, its numbers, its table's SHA-256."""
    return {
        "method": "weighted Jaccard similarity of pieces of words, all pairs, exact",
        "letters_of_a_piece": LETTERS,
        "weight_of_a_rare_piece": RAREST,
        "alike_from_percent": SPLIT_ALIKE,
        "table_sha256": hashlib.sha256(TABLE.read_bytes()).hexdigest(),
    }


def weight(held: Iterable[str]) -> int:
    """What pieces weigh together."""
    table = weights()
    return sum(map(table.get, held, repeat(RAREST)))


def similarity(one: Grams, other: Grams) -> float:
    """Weighted Jaccard similarity, 0 to 1 (Ioffe: "Improved Consistent Sampling, Weighted Minhash", 2010, eq. 1)."""
    shared = weight(one & other)
    return shared / (weight(one) + weight(other) - shared)


def is_alike(shared: int, together: int, percent: int) -> bool:
    """Whether what two texts share makes them alike; `together` is what the one weighs and what the other weighs."""
    return shared * (100 + percent) >= together * percent


def share(percent: int, of: int) -> int:
    """The smallest whole weight that is this part of another."""
    return -(-percent * of // 100)
