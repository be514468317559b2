"""`python -m app.training.worker.rank RUN_DIR`: one of several processes of a run, as `torchrun` starts it.

The first tells the journal and writes the folder, the others compute. How one ended it leaves in a file, for the
process that started them all (many.py) to tell.
"""

import fcntl
import os
import threading
import time
import traceback
from pathlib import Path

from app.training.worker.arguments import arguments
from app.training.worker.events import Journal, Unheard
from app.training.worker.failures import RunStopped, explained
from app.training.worker.last_word import leave_failure, leave_stop
from app.training.worker.methods import run_of
from app.training.worker.plan import Plan
from app.training.worker.ranks import is_first, rank

DONE, FAILED, STOPPED = 0, 1, 3


def main(folder: Path, models: Path | None, track: str | None) -> int:
    """This process's part of the run."""
    end_with(os.getppid())
    lock = (folder / "rank.lock").open("a")
    if is_first():
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the first process of an earlier try has gone
    journal = Journal(folder / "events.jsonl") if is_first() else Unheard(folder / "events.jsonl")
    try:
        run_of(Plan.read(folder / "plan.json").method)(folder, journal, models, track)
    except RunStopped as asked:
        leave_stop(folder, rank(), asked)
        return STOPPED
    except Exception as problem:  # the edge of the process: in full on stderr
        traceback.print_exc()
        leave_failure(folder, rank(), explained(problem, folder))
        return FAILED
    return DONE


def end_with(parent: int) -> None:
    """End at once when the parent has ended, also by kill -9: `torchrun` gives each process a group of its own."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(FAILED)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    asked = arguments()
    raise SystemExit(main(asked.folder, asked.models, asked.track))
