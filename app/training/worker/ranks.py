"""Which of a run's processes is this one, and what does the first decide for all? One alone agrees with itself."""

import os
from typing import TypeVar

from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

T = TypeVar("T")


def how_many() -> int:
    """So many processes share the run; `torchrun` says so in the environment."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """The place of this process among them, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_first() -> bool:
    """Whether this is the process that measures, tells, and writes the folder: the only one, or that of rank 0."""
    return rank() == 0


def agreed(mine: T) -> T:
    """What the first process says, to all of them. Each must ask; the trainer must have been made."""
    said = broadcast_object_list([mine])
    return said[0]  # type: ignore[no-any-return]


def wait_for_all() -> None:
    """Until every process has come here."""
    PartialState().wait_for_everyone()


class Agree(TrainerCallback):  # type: ignore[misc]
    """Whatever the first process decided, to save or to end, holds for all; the last callback of each of them.

    One that went on alone would wait for the others for ever.
    """

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """After who looks whether somebody asked to stop."""
        follow(control)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """After the validation loss of a step."""
        follow(control)

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """After what is measured at an epoch's end."""
        follow(control)


def follow(control: TrainerControl) -> None:
    """Take over what the first process wants."""
    control.should_save, control.should_training_stop = agreed((control.should_save, control.should_training_stop))
