"""`python -m app.training.worker RUN_DIR`: one run. Exit status 0: done, 1: failed, 3: stopped when asked."""

import argparse
import os
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path

from app.training.worker.events import EventKind, Journal
from app.training.worker.failures import RunFailed, RunStopped, explained
from app.training.worker.plan import Plan, PlanError

DONE, FAILED, STOPPED = 0, 1, 3
TRACKERS = ("wandb", "mlflow", "trackio", "tensorboard")  # by transformers' own integrations; the names of libraries
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "0",
}
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that spin for each other took five times the work on a busy machine


def main(folder: Path, models: Path | None = None, track: str | None = None) -> int:
    """Carry out the run in `folder`; whatever happens is the last event of its journal.

    `models`: the folder of base models on this machine, where it is not the one that the plan names. `track`: one of
    TRACKERS, which is told the numbers, too.
    """
    os.environ.update(OFFLINE | PATIENT | one_gpu())
    journal = Journal(folder / "events.jsonl")
    try:
        Plan.read(folder / "plan.json")  # a bad plan is refused at once, before seconds of imports
        require_tracker(track)
        journal.write(EventKind.PROGRESS, stage="Loading the model", done=0, total=1)
        from app.training.worker.sft import run

        run(folder, journal, models, track)
    except RunStopped as asked:
        journal.write(EventKind.STOPPED, step=asked.step)
        return STOPPED
    except PlanError as problem:
        return _fail(journal, RunFailed("bad_plan", str(problem), "Correct plan.json."))
    except Exception as problem:  # the edge of the process: said in the journal, in full on stderr
        traceback.print_exc()
        return _fail(journal, explained(problem, folder))
    return DONE


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
    parser = argparse.ArgumentParser("python -m app.training.worker", description="Carry out one run.")
    parser.add_argument("folder", type=Path, metavar="RUN_DIR", help="the run's folder, wherever it was copied to")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where base models lie here; default: as planned")
    parser.add_argument("--track", choices=TRACKERS, help="a tracker that is told the numbers, too")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"{asked.folder} is no folder")
    sys.exit(main(asked.folder, asked.models, asked.track))
