"""Rows of unequal length as one tensor, and who is told how far the work on them is."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

FILL = 0  # any id: the attention mask hides it, and an answer ends before it
Tell = Callable[[str, int, int], None]  # what, done, of how many


def padded(rows: Sequence[Sequence[int]], value: int, device: Any, *, left: bool = False) -> Tensor:
    """(B, T): the rows, filled up with `value` to the longest of them."""
    longest = max(map(len, rows))
    fill = [[value] * (longest - len(row)) for row in rows]
    filled = [[*more, *row] if left else [*row, *more] for row, more in zip(rows, fill, strict=True)]
    return torch.tensor(filled, device=device)
