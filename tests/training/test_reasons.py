"""What a run's page says of a worker that the system ended, and that its advice can be followed. (R32)"""

import re
import signal
from pathlib import Path

from app.training.choices import CHOICES
from app.training.jobs import reason
from app.training.worker.failures import LESS_MEMORY


def test_a_worker_that_was_killed_may_have_been_short_of_memory() -> None:
    said = reason(Path("run-1"), -signal.SIGKILL, [])
    assert "as a system does that is short of memory" in said
    assert LESS_MEMORY in said
    assert "can go on from its last checkpoint" not in said
    assert "can go on from its last checkpoint" in reason(Path("run-1"), -signal.SIGTERM, [])


def test_what_the_advice_names_is_a_setting_of_a_run() -> None:
    named = re.findall(r"[a-z]+_[a-z]+", LESS_MEMORY)
    assert named == ["batch_size", "max_length", "save_memory"]
    assert set(named) <= CHOICES.keys()
