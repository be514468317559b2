"""`python -m app.training.worker RUN_DIR`: one run. Exit status 0: done, 1: failed, 3: stopped when asked."""

import os
import sys
import traceback
from pathlib import Path

from app.training.worker.events import EventKind, Journal
from app.training.worker.failures import RunFailed, RunStopped, explained
from app.training.worker.plan import Plan, PlanError

DONE, FAILED, STOPPED = 0, 1, 3
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "0",
}
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that spin for each other took five times the work on a busy machine


def main(folder: Path) -> int:
    """Carry out the run in `folder`; whatever happens is the last event of its journal."""
    os.environ.update(OFFLINE | PATIENT)
    journal = Journal(folder / "events.jsonl")
    try:
        Plan.read(folder / "plan.json")  # a bad plan is refused at once, before seconds of imports
        journal.write(EventKind.PROGRESS, stage="Loading the model", done=0, total=1)
        from app.training.worker.sft import run

        run(folder, journal)
    except RunStopped as asked:
        journal.write(EventKind.STOPPED, step=asked.step)
        return STOPPED
    except PlanError as problem:
        return _fail(journal, RunFailed("bad_plan", str(problem), "Correct plan.json."))
    except Exception as problem:  # the edge of the process: said in the journal, in full on stderr
        traceback.print_exc()
        return _fail(journal, explained(problem, folder))
    return DONE


def _fail(journal: Journal, failure: RunFailed) -> int:
    print(f"{failure.reason} {failure.advice}", file=sys.stderr)
    journal.write(EventKind.FAILED, code=failure.code, reason=failure.reason, advice=failure.advice)
    return FAILED


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m app.training.worker RUN_DIR")
    sys.exit(main(Path(sys.argv[1])))
