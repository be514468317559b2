"""The speed of a step is that of the step, whatever was measured before it."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from app.training.worker import callbacks
from app.training.worker.callbacks import TellTheJournal
from app.training.worker.events import Journal, read_events

pytestmark = pytest.mark.training


def test_what_is_measured_between_two_epochs_slows_no_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(callbacks, "time", SimpleNamespace(monotonic=lambda: now[0]))
    journal = Journal(tmp_path / "events.jsonl")
    tells = TellTheJournal(journal, lambda: None, every=0)
    asked = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none"), TrainerState(), TrainerControl()
    tells.on_train_begin(*asked)
    for step, clock in ((1, 2.0), (2, 62.0)):
        tells.on_epoch_begin(*asked)
        now[0] = clock
        asked[1].global_step, asked[1].num_input_tokens_seen = step, 100 * step
        tells.on_log(*asked, logs={"loss": 1.0, "learning_rate": 1e-3})
        tells.on_epoch_end(*asked)
        now[0] = 60.0  # others measure, and answer
    assert [one["tokens_per_second"] for one in read_events(journal.path).events] == [50.0, 50.0]
