"""What happens inside the training loop: it is told to the journal, checkpoints are sealed, and it stops when asked."""

import math
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from app.training.worker.batches import Tell
from app.training.worker.checkpoints import seal
from app.training.worker.epochs import keep_epoch
from app.training.worker.events import EventKind, Journal
from app.training.worker.failures import LOWER_RATE, NO_NUMBER, RunFailed, RunStopped
from app.training.worker.lowest import Lowest
from app.training.worker.measure import Losses
from app.training.worker.ranks import is_first, wait_for_all
from app.training.worker.trackers import Guarded, tell_validation


class TellTheJournal(TrainerCallback):  # type: ignore[misc]
    """One event a step, and the validation loss after every so many of them, or after each epoch."""

    def __init__(
        self,
        journal: Journal,
        validation_loss: Callable[[], float | None],
        every: int,
        judge: Callable[[Lowest], bool] = lambda _: False,
        live: Mapping[str, str] | None = None,
        epochs: float = 1.0,
        trackers: Sequence[Guarded] = (),
    ) -> None:
        """`validation_loss` measures, in nats a response token; None where there is no validation row.

        `every`: after so many steps, and at the end; 0: after each epoch. `judge` hears each loss and says whether the
        run is to end here. `live`: what a step tells beside its loss, and what the trainer calls it. `epochs`: how many
        the trainer takes for one. `trackers` hear the validation loss, too.
        """
        self.trackers = trackers
        self.live, self.epochs = live or {}, epochs
        self.journal, self.validation_loss, self.every, self.judge = journal, validation_loss, every, judge
        self.stepped_at, self.tokens = time.monotonic(), 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, *_: Any, **__: Any) -> None:
        """The clock of the first step."""
        self.stepped_at, self.tokens = time.monotonic(), int(state.num_input_tokens_seen)

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """What was measured, and answered, at the end of the one before is no part of a step."""
        self.stepped_at = time.monotonic()

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **said: Any) -> None:
        """RunFailed when the loss is no number: nothing after it would mean anything."""
        logs = said["logs"]
        if "loss" not in logs:
            return
        if not math.isfinite(float(logs["loss"])):
            raise RunFailed(NO_NUMBER, f"The loss is {float(logs['loss'])} at step {state.global_step}.", LOWER_RATE)
        now, tokens = time.monotonic(), int(state.num_input_tokens_seen)
        self.journal.write(
            EventKind.STEP,
            **_place(state, self.epochs),
            loss=float(logs["loss"]),
            learning_rate=float(logs["learning_rate"]),
            **{name: float(logs[known]) for name, known in self.live.items()},
            tokens_per_second=round((tokens - self.tokens) / max(now - self.stepped_at, 1e-9), 1),
            memory_bytes=peak_memory(),
            total_steps=state.max_steps,
        )
        self.stepped_at, self.tokens = now, tokens
        if self.every and (state.global_step % self.every == 0 or state.global_step == state.max_steps):
            self.evaluate(args, state, control)

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Measure where the plan counts in epochs."""
        if not self.every:
            self.evaluate(args, state, control)

    def evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl) -> None:
        """The validation rows, measured as they are before and after the run."""
        loss, place = self.validation_loss(), _place(state, self.epochs)
        if loss is not None:
            self.journal.write(EventKind.EVALUATION, **place, validation_loss=loss)
            tell_validation(self.trackers, args, state, control, loss)
            if self.judge(Lowest(place["step"], place["epoch"], loss)):
                control.should_save = control.should_training_stop = True
        self.stepped_at = time.monotonic()


class MeasureEachEpoch(TrainerCallback):  # type: ignore[misc]
    """The watched rows at each epoch's end but the last, where the finished model is measured anyway."""

    def __init__(
        self, run: Path, losses: Callable[[Tell], Losses], answer: Callable[[Tell, int, float], None], began_at: float
    ) -> None:
        """`run` is the run's folder; `losses` measures the model as it is at that moment, `answer` tells what it says
        then, at a step and an epoch; `began_at`: epochs before."""
        self.run, self.losses, self.answer, self.began_at = run, losses, answer, began_at

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Measure and keep it. Who asks to stop meanwhile waits for no more than a batch, and loses no checkpoint."""
        if state.global_step >= state.max_steps or control.should_training_stop:
            return

        def tell(*_: object) -> None:
            if (self.run / "stop").exists():
                raise RunStopped(state.global_step)

        epoch = round(float(state.epoch or 0) + self.began_at, 4)
        try:
            losses = self.losses(tell)
            self.answer(tell, state.global_step, epoch)
        except RunStopped:
            control.should_save = control.should_training_stop = True
            return
        keep_epoch(self.run, {"step": state.global_step, "epoch": epoch, "losses": losses})


class SealCheckpoints(TrainerCallback):  # type: ignore[misc]
    """Puts each finished checkpoint on the run's record."""

    def __init__(self, run: Path, journal: Journal) -> None:
        """`run` is the run's folder."""
        self.run, self.journal = run, journal

    def on_save(self, args: TrainingArguments, state: TrainerState, *_: Any, **__: Any) -> None:
        """Called when the trainer has written it; of several processes each has written a part."""
        wait_for_all()
        if not is_first():
            return
        checkpoint = self.run / "checkpoints" / f"checkpoint-{state.global_step}"
        seal(self.run, checkpoint)
        self.journal.write(EventKind.CHECKPOINT, step=state.global_step, folder=f"checkpoints/{checkpoint.name}")


class StopWhenAsked(TrainerCallback):  # type: ignore[misc]
    """Ends the loop, with a checkpoint, once the file `stop` is there."""

    def __init__(self, run: Path) -> None:
        """`run` is the run's folder."""
        self.asked_by = run / "stop"

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Look once a step."""
        if self.asked_by.exists():
            control.should_save = control.should_training_stop = True


def peak_memory() -> int:
    """The most memory that this process has held at once, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _place(state: TrainerState, epochs: float) -> dict[str, Any]:
    return {
        "step": state.global_step,
        "epoch": round(float(state.epoch or 0) * epochs, 4),
        "tokens": int(state.num_input_tokens_seen),
    }
