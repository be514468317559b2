"""What a run's page says of a worker that the system ended, and that its advice can be followed. (R32)"""

import re
import signal
from pathlib import Path

from app.training.choices import CHOICES
from app.training.jobs import reason
from app.training.launch import BUSY_CODE
from app.training.worker.events import LOADING, EventKind, Journal
from app.training.worker.failures import LESS_MEMORY, SMALLER_MODEL


def test_a_worker_that_was_killed_may_have_been_short_of_memory(tmp_path: Path) -> None:
    said = reason(tmp_path, -signal.SIGKILL, [])
    assert "as a system does that is short of memory" in said
    assert LESS_MEMORY in said
    assert "can go on from its last checkpoint" not in said
    assert "can go on from its last checkpoint" in reason(Path("run-1"), -signal.SIGTERM, [])


def test_one_that_was_killed_while_it_loaded_its_model_needs_a_smaller_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.write(EventKind.PROGRESS, stage=LOADING, done=0, total=1)
    assert SMALLER_MODEL in reason(tmp_path, -signal.SIGKILL, [])
    journal.write(EventKind.STARTED, total_steps=8)
    assert LESS_MEMORY in reason(tmp_path, -signal.SIGKILL, [])


def test_a_folder_in_which_somebody_else_works_is_named() -> None:
    said = reason(Path("run-1"), BUSY_CODE, [])
    assert said.startswith("Another worker is at work in the run's folder run-1")


def test_what_the_advice_names_is_a_setting_of_a_run() -> None:
    named = re.findall(r"[a-z]+_[a-z]+", LESS_MEMORY)
    assert named == ["batch_size", "max_length", "save_memory"]
    assert set(named) <= CHOICES.keys()
