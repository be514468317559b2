"""QLoRA: a base model in 4 bits while an adapter learns. For real where bitsandbytes is installed (`make qlora`)."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.training.worker import four_bits
from app.training.worker.__main__ import main
from app.training.worker.base import load_encoder, load_model
from app.training.worker.events import EventKind
from app.training.worker.measure import mean_loss, summed_losses
from app.training.worker.rows import read_rows
from app.training.worker.words import FOUR_BITS
from tests.training.worker.runs import TINY, events, fill, run_until_killed, train_losses

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]
QLORA = replace(TINY, adapter="qlora", lora_rank=8, learning_rate=1e-2, checkpoint_steps=2, epochs=2.0)
real = pytest.mark.skipif(find_spec(four_bits.LIBRARY) is None, reason="bitsandbytes is not installed (make qlora)")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose base model lay in 4 bits."""
    folder = fill(tmp_path_factory.mktemp("qlora"), QLORA)
    assert main(folder) == 0
    return folder


def test_without_its_library_the_run_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(four_bits, "LIBRARY", "no_such_library")
    folder = fill(tmp_path / "run", QLORA)
    assert main(folder) == 1
    [failed] = events(folder, EventKind.FAILED)
    assert failed["code"] == "no_bitsandbytes"
    assert 'pip install ".[qlora]"' in failed["advice"]


@real
def test_an_adapter_learns_on_a_base_in_four_bits_and_the_stored_model_is_an_ordinary_one(learned: Path) -> None:
    report = json.loads((learned / "report.json").read_text("utf-8"))
    assert report["splits"]["test"]["loss_after"] < report["splits"]["test"]["loss_before"] - 0.5
    assert FOUR_BITS in report["cautions"]
    assert "base model in 4 bits" in events(learned, EventKind.STARTED)[0]["machine"]
    assert report["trained_parameters"] < report["base_model"]["parameters"] / 5
    assert "quantization_config" not in json.loads((learned / "model" / "config.json").read_text("utf-8"))


@real
def test_the_model_that_is_stored_is_the_one_that_was_measured_in_four_bits(learned: Path) -> None:
    import torch

    report = json.loads((learned / "report.json").read_text("utf-8"))
    rows = read_rows(
        learned, load_encoder(QLORA, None, learned), max_length=QLORA.max_length, draw=0, seed=QLORA.seed
    ).test
    model = load_model(learned / "model", torch.float32).eval()
    loss = mean_loss(summed_losses(model, rows, lambda *_: None), rows)
    assert loss == pytest.approx(report["splits"]["test"]["loss_after"], abs=0.02)


@real
def test_one_that_was_killed_goes_on_as_if_it_never_had_been(learned: Path, tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", QLORA)
    run_until_killed(folder, 5)
    assert main(folder) == 0
    assert train_losses(folder) == pytest.approx(train_losses(learned), abs=1e-5)
