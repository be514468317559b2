"""How large is a base model? From the heads of its safetensors files, which are JSON; no weight is read, no torch."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LENGTH = 8  # bytes that say how long a head is: https://huggingface.co/docs/safetensors
LONGEST = 100_000_000  # as its readers allow
LAYER = re.compile(r"\.(\d+)\.")  # "model.layers.3.mlp.up_proj.weight"


@dataclass(frozen=True)
class Shape:
    """`weights`: how many there are; `vocabulary`: entries of its largest matrix; `words`: weights in all matrices of
    that many, two where the output has one of its own; 0 where an earlier Penset did not tell.

    `through`: what one token leaves in all layers, numbers that go into a linear map and come out of it; `layers`: how
    many there are; `width`: numbers between two of them.
    """

    weights: int
    vocabulary: int
    through: int
    layers: int
    width: int
    words: int = 0


def shape_of(folder: Path) -> Shape | None:
    """The shape of the model in a folder; None where there is none in safetensors, or its files are not understood."""
    try:
        files = sorted(folder.glob("*.safetensors"))
        tensors = [one for path in files for one in _tensors(path)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    matrices = [(name, size) for name, size in tensors if len(size) == 2]
    if not matrices:
        return None
    vocabulary, width = max((size for _, size in matrices), key=max)
    linear = [(name, size) for name, size in matrices if vocabulary not in size]
    numbered = [int(found[1]) for name, _ in linear if (found := LAYER.search(name))]
    return Shape(
        weights=sum(math.prod(size) for _, size in tensors),
        vocabulary=vocabulary,
        through=sum(sum(size) for _, size in linear),
        layers=max(numbered, default=0) + 1,
        width=width,
        words=sum(math.prod(size) for _, size in matrices if vocabulary in size),
    )


def _tensors(path: Path) -> Iterator[tuple[str, list[int]]]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH), "little")
        if length > LONGEST:
            raise ValueError(path.name)
        head = json.loads(file.read(length))
    for name, tensor in head.items():
        if name != "__metadata__":
            yield name, [int(size) for size in tensor["shape"]]
