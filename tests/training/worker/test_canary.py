"""A row that nobody could guess is found in the model that was trained on it ten times, and in no other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from app.training.worker.__main__ import main
from app.training.worker.answers import answers
from app.training.worker.base import load_model, load_tokenizer
from app.training.worker.chat import ChatEncoder
from app.training.worker.measure import at_rest
from app.training.worker.overlap import longest_shared
from app.training.worker.report import read_report
from app.training.worker.rows import read_rows
from app.training.worker.watched import fixed
from tests.training.worker.runs import TINY, fill, pairs

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]

CANARY: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": "What stands on the blue door?"},
        {"role": "assistant", "content": "On the blue door stands 7 4 9 2, then a heron, then 8 8 1."},
    ],
    "id": "canary",
    "metadata": {"prompt_id": "canary", "category": "canary"},
}


@pytest.fixture(scope="module")
def ten_times(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on four ordinary rows and ten copies of the canary, four times over."""
    plan = replace(TINY, epochs=4.0, batch_size=2, max_new_tokens=32, train_samples=20, checkpoint_steps=1000)
    folder = fill(tmp_path_factory.mktemp("canary"), plan, pairs("train", 4) + [CANARY] * 10)
    assert main(folder) == 0
    return folder


def test_a_row_trained_on_ten_times_is_found_in_the_report(ten_times: Path) -> None:
    found = read_report(ten_times / "report.json")["recital"]
    assert found
    [canary] = [row for row in found["rows"] if row["id"] == "canary"]
    assert canary["recited"]
    assert canary["text"] == CANARY["messages"][-1]["content"]
    assert (found["prompts"], found["before"]["value"]) == (5, 0.0)


def test_a_model_that_was_never_trained_on_it_does_not_recite_it(ten_times: Path, unbroken: Path) -> None:
    runs = {"ten times": ten_times, "never": unbroken}
    recited = {name: longest_recital(folder / "model", ten_times) for name, folder in runs.items()}
    assert recited["ten times"] == 1.0
    assert recited["never"] < 0.5


def longest_recital(model_folder: Path, rows_of: Path) -> float:
    """The part of the canary's response that this model says in one run, given the prompt."""
    model = load_model(model_folder, torch.float32)
    encode = ChatEncoder(load_tokenizer(model_folder, "chatml.jinja"), "<|im_end|>")
    train = read_rows(rows_of, encode, max_length=96, draw=0, seed=7).train
    [canary] = [row for row in fixed(train, 20) if row.id == "canary"]
    with at_rest(model):
        [said] = answers(model, [canary], encode, max_new_tokens=32, tell=lambda *_: None)
    return longest_shared(said.tokens, canary.spoken).length / len(canary.spoken)
