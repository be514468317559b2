"""What a run is said to take beforehand is about what it takes. docs/train.md states how far they may be apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.training import launch
from app.training.needs import LIBRARIES, needs_of
from app.training.worker.events import EventKind
from app.training.worker.shape import Shape
from tests.training.worker.runs import TINY, events, fill, pairs

pytestmark = pytest.mark.training
FACTOR = 1.3
LONG = [{"role": "assistant", "content": "Go slowly and rest often. " * 60}]  # some 500 tokens


def test_a_run_takes_about_the_memory_that_was_said(tmp_path: Path, loaded_python: str) -> None:
    plan = replace(TINY, max_steps=1, batch_size=8, measure_rows=1, train_samples=0, max_length=1000)
    rows = [{**row, "messages": [row["messages"][0], *LONG]} for row in pairs("train", 8)]
    folder = fill(tmp_path, plan, rows)
    worker = launch.start(folder, loaded_python)
    assert launch.watch(worker, lambda _: False) == 0, launch.last_words(folder)
    longest = max(row["count"] for row in events(folder, EventKind.TOKENS)[0]["shown"])
    told = events(folder, EventKind.STARTED)[0]["shape"]
    assert told
    said = needs_of(plan, Shape(**told), longest)
    assert said.step > LIBRARIES, "or nothing would be seen of a step"
    assert said.total / FACTOR < events(folder, EventKind.STEP)[0]["memory_bytes"] < said.total * FACTOR
