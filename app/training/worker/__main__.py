"""`python -m app.training.worker RUN_DIR`: one run.

Exit status 0: done, 1: failed, 3: stopped when asked, 4: another worker is at work in the folder.
"""

import os
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path

from app.training.worker.alone import AlreadyAtWork, alone_in
from app.training.worker.arguments import arguments
from app.training.worker.checkpoints import discard_unfinished
from app.training.worker.events import LOADING, EventKind, Journal, torn_lines
from app.training.worker.failures import RunFailed, RunStopped, explained
from app.training.worker.methods import run_of
from app.training.worker.plan import Plan, PlanError
from app.training.worker.shareable import require_shareable

DONE, FAILED, STOPPED, BUSY = 0, 1, 3, 4
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "0",
}
TORN = "Lines of events.jsonl that cannot be read: {}. The curves and the log lack what they told."
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that spin for each other took five times the work on a busy machine


def main(folder: Path, models: Path | None = None, track: str | None = None, processes: int = 1) -> int:
    """Carry out the run in `folder`; whatever happens is the last event of its journal.

    `models`: the folder of base models on this machine, where it is not the one that the plan names. `track`: one of
    TRACKERS, which is told the numbers, too. `processes`: so many share each batch, one a GPU.
    """
    os.environ.update(OFFLINE | PATIENT)
    try:
        with alone_in(folder):
            return attempt(folder, models, track, processes)
    except AlreadyAtWork as other:
        print(other, file=sys.stderr)  # the journal is the other one's
        return BUSY


def attempt(folder: Path, models: Path | None, track: str | None, processes: int) -> int:
    """The same, in a folder in which nobody else works."""
    journal = Journal(folder / "events.jsonl")
    try:
        plan = Plan.read(folder / "plan.json")  # a bad plan is refused at once, before seconds of imports
        if torn := torn_lines(journal.path):
            journal.write(EventKind.WARNING, message=TORN.format(torn))
        require_tracker(track)
        require_shareable(plan, processes)
        journal.write(EventKind.PROGRESS, stage=LOADING, done=0, total=1)
        carry_out(plan, folder, journal, models, track, processes)
    except RunStopped as asked:
        journal.write(EventKind.STOPPED, step=asked.step)
        return STOPPED
    except PlanError as problem:
        return _fail(journal, RunFailed("bad_plan", str(problem), "Correct plan.json."))
    except Exception as problem:  # the edge of the process: said in the journal, in full on stderr
        traceback.print_exc()
        failure = explained(problem, folder)
        if failure.code == "disk_full":
            discard_unfinished(folder)
        return _fail(journal, failure)
    return DONE


def show(folder: Path, models: Path | None, count: int) -> int:
    """Print which tokens of so many rows bear loss; nothing is trained, and nothing written."""
    os.environ.update(OFFLINE)
    try:
        from app.training.worker.showing import print_rows

        print_rows(folder, models, count)
    except PlanError as problem:
        print(f"{problem} Correct plan.json.", file=sys.stderr)
        return FAILED
    except RunFailed as failure:
        print(f"{failure.reason} {failure.advice}", file=sys.stderr)
        return FAILED
    return DONE


def carry_out(
    plan: Plan, folder: Path, journal: Journal, models: Path | None, track: str | None, processes: int
) -> None:
    """In this process, or in several that it starts."""
    if processes == 1:
        os.environ.update(one_gpu())
        run_of(plan.method)(folder, journal, models, track)
        return
    from app.training.worker.many import run_many

    options = [*(["--models", str(models)] if models else []), *(["--track", track] if track else [])]
    run_many(folder, processes, options)


def require_tracker(track: str | None) -> None:
    """RunFailed where the library of a tracker is not here."""
    if track and find_spec(track) is None:
        raise RunFailed("no_tracker", f"The tracker {track} is not installed here.", "Install it, or track no runs.")


def one_gpu() -> dict[str, str]:
    """Of several GPUs the first: to share a batch among them unasked would change what a step is."""
    return {"CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]}


def _fail(journal: Journal, failure: RunFailed) -> int:
    print(f"{failure.reason} {failure.advice}", file=sys.stderr)
    journal.write(EventKind.FAILED, code=failure.code, reason=failure.reason, advice=failure.advice)
    return FAILED


if __name__ == "__main__":
    asked = arguments()
    if asked.show:
        sys.exit(show(asked.folder, asked.models, asked.show))
    sys.exit(main(asked.folder, asked.models, asked.track, asked.processes))
