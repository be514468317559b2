"""Why a run failed, in words that say what to do."""

import errno
import shutil
from pathlib import Path

from app.training.worker.events import NotANumber

FULL = 1 << 20  # bytes free: less than any file that a run writes
OUT_OF_MEMORY = "out_of_memory"
# As torch says it of a GPU, of what it allocates itself, and of a model's file that the system would not map.
NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")
LESS_MEMORY = "Repeat it with a lower batch_size or max_length, or with save_memory on."
NO_NUMBER = "loss_not_a_number"
LOWER_RATE = "Lower learning_rate, or look for rows that are not text."
SMALLER_MODEL = (
    "The weights alone do not fit, so no setting of a step helps. Choose a smaller base model, or a machine with more "
    "memory; where PENSET_TRAINING_MEMORY_MB limits a run, raise it."
)


class RunFailed(Exception):
    """A run that cannot go on: a code for programs, the reason, and what a person can do."""

    def __init__(self, code: str, reason: str, advice: str) -> None:
        """Each of the three is shown."""
        super().__init__(reason)
        self.code, self.reason, self.advice = code, reason, advice


class RunStopped(Exception):
    """Somebody asked the run to stop, after this many steps."""

    def __init__(self, step: int) -> None:
        """`step`: the optimiser steps that a resume will not walk again."""
        super().__init__(f"Stopped at step {step}.")
        self.step = step


def explained(problem: Exception, folder: Path) -> RunFailed:
    """The same problem as a reason and an advice. What is not known keeps its own words.

    `folder` is where the run writes: torch reports a full disk as "unexpected pos", so the disk itself is asked too.
    """
    if isinstance(problem, RunFailed):
        return problem
    said = str(problem)
    no_room = getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "No space left" in said
    if no_room or shutil.disk_usage(folder).free < FULL:
        return RunFailed(
            "disk_full",
            "The disk is full.",
            "Free some space, then let the run go on: the last whole checkpoint is kept.",
        )
    if is_out_of_memory(problem):
        return RunFailed(
            OUT_OF_MEMORY,
            "There was not enough memory.",
            LESS_MEMORY,
        )
    if isinstance(problem, NotANumber):
        return RunFailed(
            NO_NUMBER,
            "A loss, or what is measured beside it, is no number any more.",
            f"{LOWER_RATE} If no step was told yet, the base model's own weights are broken: bring it anew.",
        )
    if isinstance(problem, ModuleNotFoundError):
        return RunFailed(
            "no_packages", f"The interpreter of the worker lacks {problem.name}.", "Install penset[train] there."
        )
    return RunFailed("unexpected", f"{type(problem).__name__}: {said}", "The worker's own log says where it happened.")


def is_out_of_memory(problem: Exception) -> bool:
    """Whether there was not enough memory, of this machine or of its GPU."""
    if isinstance(problem, RunFailed):
        return problem.code == OUT_OF_MEMORY
    said = str(problem).lower()
    refused = isinstance(problem, MemoryError) or getattr(problem, "errno", None) == errno.ENOMEM
    return refused or any(words in said for words in NO_MEMORY)
