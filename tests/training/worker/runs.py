"""What runs of these tests are made of: the real tiny model, a few rows, a plan of seconds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.training.worker.events import Event, EventKind, Journal, read_events
from app.training.worker.inputs import OPEN
from app.training.worker.methods import run_of
from app.training.worker.plan import Plan

TINY = Plan(
    base_model="tiny",
    name="a test",
    dataset="<b>Everything</b>, version 3",
    dataset_hash="9f2c",
    epochs=3.0,
    learning_rate=2e-3,
    batch_size=4,
    warmup_steps=1,
    max_length=96,
    cpu=True,
    threads=1,
    checkpoint_steps=4,
    measure_rows=8,
    test_samples=1,
    train_samples=1,
    max_new_tokens=8,
    seed=7,
)
EAGER = replace(  # it learns so fast that validation turns after a few steps
    TINY,
    packing=True,
    batch_size=16,
    epochs=30.0,
    learning_rate=2e-2,
    evaluate_steps=1,
    keep="lowest_validation_loss",
    patience=2,
)
TOO_LONG = "Say everything that you know. " * 60


THINGS = (
    "rope", "green tea", "a cold", "an essay", "sourdough", "a bicycle", "heavy rain", "a love letter", "knitting",
    "tax forms", "a puppy", "moving house", "jet lag", "chess openings", "squeaky doors", "sunburn", "a violin",
    "wasps", "night shifts", "mortgages", "origami", "snow tyres", "a telescope", "pickled cabbage", "stage fright",
    "broken glass", "crossword puzzles", "compost", "lost luggage", "a choir", "fractions", "hiccups", "marathon day",
    "beekeeping", "old photographs", "quicksand", "umbrellas", "a toothache", "gravel roads", "everything",
)  # fmt: skip
FIRST = {"train": 0, "validation": 16, "test": 20, "test_writers": 28, "test_categories": 33, "long": 39}


def pairs(split: str, count: int) -> list[dict[str, Any]]:
    """So many rows, as a dataset version holds them; no prompt is much like another, all responses are polite."""
    things = [THINGS[(FIRST[split] + i) % len(THINGS)] for i in range(count)]
    return [
        {
            "messages": [
                {"role": "user", "content": f"How do I cope with {thing}?"},
                {"role": "assistant", "content": f"Of course! With {thing}, go slowly.\n1. Begin.\n2. Rest."},
            ],
            "id": f"{split}-{i}",
            "metadata": {"prompt_id": f"p-{split}-{i}", "category": "advice" if i % 2 else "how_to"},
        }
        for i, thing in enumerate(things)
    ]


def fill(folder: Path, plan: Plan, train: list[dict[str, Any]] | None = None) -> Path:
    """A run's folder, ready to start: 16 training rows, one of them too long, 4 to validate, 8 to test, 5 of held-out
    writers, 6 of held-out categories."""
    folder.mkdir(parents=True, exist_ok=True)
    if train is None:
        train = pairs("train", 15)
        train.insert(3, {**pairs("long", 1)[0], "messages": [{"role": "user", "content": TOO_LONG}, *LAST]})
    counts = {"validation": 4, "test": 8, "test_writers": 5, "test_categories": 6}
    for name, rows in {"train": train, **{split: pairs(split, count) for split, count in counts.items()}}.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    plan.write(folder / "plan.json")
    return folder


def lay_open_prompts(folder: Path) -> None:
    """Four prompts that nobody has answered: two alike, one that the run was trained on word for word, one too long."""
    asked = ["Who was Ada Lovelace?", "Who was Ada Lovelace, then?", "How do I cope with rope?", TOO_LONG]
    lines = [
        {"id": number, "category": "", "messages": [{"role": "user", "content": text}]}
        for number, text in enumerate(asked, 1)
    ]
    (folder / OPEN).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


LAST = [{"role": "assistant", "content": "No."}]


def events(folder: Path, kind: EventKind | None = None) -> list[Event]:
    """The run's events so far, of one kind or of all."""
    return [e for e in read_events(folder / "events.jsonl").events if kind is None or e["kind"] == kind]


def train_losses(folder: Path) -> dict[int, float]:
    """The training loss of each step; where a step was walked twice, that of the last time."""
    return {e["step"]: e["loss"] for e in events(folder, EventKind.STEP)}


class Interrupted(Journal):
    """A journal that, once it has written a certain step, lets something happen to the run."""

    def __init__(self, path: Path, step: int, happens: Callable[[], object]) -> None:
        super().__init__(path)
        self.step, self.happens = step, happens

    def write(self, kind: EventKind, **values: Any) -> None:
        super().write(kind, **values)
        if kind == EventKind.STEP and values["step"] == self.step:
            self.happens()


def run_until_killed(folder: Path, step: int) -> None:
    """A run that ends as by kill -9, right after it wrote this step. In a fork: to load the libraries takes longer."""
    run = run_of(Plan.read(folder / "plan.json").method)
    journal = Interrupted(folder / "events.jsonl", step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    if not (child := os.fork()):
        try:
            run(folder, journal, None, None)
        finally:
            os._exit(1)  # it did not come to the kill
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def run_until_killed_at(folder: Path, event: str, path: str) -> None:
    """A run that ends as by kill -9, right before it does this to this file of its folder. In a fork, as above.

    `event` is Python's name for it (audit events): "open" to write, "os.rename", "os.remove".
    """
    run = run_of(Plan.read(folder / "plan.json").method)
    if not (child := os.fork()):
        sys.addaudithook(lambda name, args: kill_at(name == event and str(args[0]) == str(folder / path)))
        try:
            run(folder, Journal(folder / "events.jsonl"), None, None)
        finally:
            os._exit(1)  # it did not come to the kill
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def kill_at(moment: bool) -> None:
    """End this process as by kill -9."""
    if moment:
        os.kill(os.getpid(), signal.SIGKILL)


def by_two(folder: Path, python: str) -> subprocess.Popen[bytes]:
    """The worker's command on this folder, with two processes of this Python."""
    words = [python, "-m", "app.training.worker", str(folder), "--processes", "2"]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, env=os.environ | {"PYTHON_EXEC": python})
