"""Packed rows share a sequence, none sees another, and nothing of any is cut."""

from pathlib import Path
from typing import Any

import pytest
import torch

from app.training.base_models import resolve
from app.training.worker.base import load_model, load_tokenizer
from app.training.worker.chat import ChatEncoder
from app.training.worker.measure import at_rest, mean_loss, summed_losses
from app.training.worker.rows import Row, read_rows
from app.training.worker.sft import sequences
from tests.training.worker.runs import EAGER, train_losses

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def rows(eager: Path) -> list[Row]:
    """The training rows of a run that packs them."""
    encode = ChatEncoder(load_tokenizer(resolve("tiny", eager), "chatml.jinja"), "<|im_end|>")
    return read_rows(eager, encode, max_length=EAGER.max_length, draw=0, seed=EAGER.seed).train


def test_every_row_stands_whole_in_a_sequence_and_no_sequence_is_too_long(rows: list[Row]) -> None:
    packed: Any = sequences(rows, EAGER)
    assert len(packed) < len(rows)
    found = []
    for sequence in packed:
        assert len(sequence["input_ids"]) <= EAGER.max_length
        at = 0
        for length in sequence["seq_lengths"]:
            found.append((sequence["input_ids"][at : at + length], sequence["labels"][at : at + length]))
            at += length
    assert sorted(found) == sorted((row.encoded.input_ids, row.encoded.labels) for row in rows)


def test_packed_rows_are_learned_as_if_each_stood_alone(rows: list[Row], eager: Path, tmp_path: Path) -> None:
    base = load_model(resolve("tiny", tmp_path), torch.float32)
    with at_rest(base):
        alone = mean_loss(summed_losses(base, rows, lambda *_: None), rows)
    assert EAGER.batch_size >= len(rows)  # so that the first step sees all of them, before anything is learned
    assert train_losses(eager)[1] == pytest.approx(alone, rel=1e-4)
