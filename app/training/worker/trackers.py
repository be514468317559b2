"""Trackers of others beside a run: they hear its numbers, and whatever goes wrong in one of them costs no run."""

from collections.abc import Callable, Sequence
from typing import Any

from transformers import Trainer, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations import INTEGRATION_TO_CALLBACK

from app.training.worker.events import EventKind, Journal

KINDS = tuple(INTEGRATION_TO_CALLBACK.values())
LONGEST = 300  # characters of what a tracker says of its trouble


class Guarded:
    """A trainer's callback to a tracker. Once it has failed it is asked no more, and the journal says so."""

    def __init__(self, tracker: Any, journal: Journal) -> None:
        """`tracker`: a callback of transformers' own integrations."""
        self.tracker, self.journal, self.works = tracker, journal, True

    def __getattr__(self, event: str) -> Callable[..., None]:
        """What the trainer calls at an event."""
        heard = getattr(self.tracker, event)

        def hear(*about: Any, **more: Any) -> None:
            if not self.works:
                return
            try:
                heard(*about, **more)
            except Exception as problem:  # theirs: a server that is away, a store that is full, a setting
                self.works = False
                self.journal.write(EventKind.WARNING, message=fallen_silent(self.tracker, problem))

        return hear


def guarded(trainer: Trainer, journal: Journal) -> list[Guarded]:
    """The trackers of a trainer, each behind its guard from now on."""
    handler = trainer.callback_handler
    handler.callbacks = [Guarded(one, journal) if isinstance(one, KINDS) else one for one in handler.callbacks]
    return [one for one in handler.callbacks if isinstance(one, Guarded)]


def fallen_silent(tracker: Any, problem: Exception) -> str:
    """What the journal says where a tracker failed."""
    name = type(tracker).__name__.removesuffix("Callback")
    why = f"{type(problem).__name__}: {problem}"
    if len(why) > LONGEST:
        why = why[:LONGEST] + "…"
    return f"The tracker {name} failed, and hears no more of this run, which goes on without it: {why}"


def tell_validation(
    trackers: Sequence[Guarded], args: TrainingArguments, state: TrainerState, control: TrainerControl, loss: float
) -> None:
    """The validation loss, which Penset measures and the trainer does not, under the name that trackers expect."""
    for one in trackers:
        one.on_log(args, state, control, logs={"eval_loss": loss, "epoch": state.epoch})
