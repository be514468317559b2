"""A run shared by several processes of one machine, one a GPU: started and watched by PyTorch's own `torchrun`."""

import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import parse_args, run

from app.training.worker.events import was_loading
from app.training.worker.failures import LESS_MEMORY, SMALLER_MODEL, RunFailed, RunStopped
from app.training.worker.last_word import forget, last_words
from app.training.worker.meeting import processes_in, torchrun_in


def run_many(folder: Path, processes: int, options: list[str]) -> None:
    """Carry out a run by so many processes. RunFailed where one of them failed or was lost, RunStopped when asked.

    `options` of the worker's command go to each of them.
    """
    forget(folder)
    try:
        with TemporaryDirectory(prefix="penset-") as meeting:
            os.environ.update(processes_in(Path(meeting)))
            torchrun = [*torchrun_in(Path(meeting)), "--nproc-per-node", str(processes), "--max-restarts", "0"]
            run(parse_args([*torchrun, "-m", "app.training.worker.rank", str(folder), *options]))
    except ChildFailedError as broken:
        raise why(folder, processes, broken) from None
    except SignalException as told:  # its processes have been ended; now this one, as if nobody had listened
        signal.signal(told.sigval, signal.SIG_DFL)
        os.kill(os.getpid(), told.sigval)


def why(folder: Path, processes: int, broken: ChildFailedError) -> RunFailed | RunStopped:
    """What ended the run: one that said so, one that was killed; of others only that a neighbour was gone is known."""
    said = last_words(folder)
    known = [word for word in said if isinstance(word, RunStopped) or word.code != "unexpected"]
    if known:
        return known[0]
    killed = [(rank, one) for rank, one in broken.failures.items() if one.exitcode < 0]
    if said and not killed:
        return said[0]
    rank, failure = killed[0] if killed else broken.get_first_failure()
    how = f"was ended by {failure.signal_name()}" if failure.exitcode < 0 else f"ended with code {failure.exitcode}"
    return RunFailed(
        "process_lost",
        f"Process {rank + 1} of the {processes} of this run {how}.",
        "It can go on from its last checkpoint. Where memory was short, it would end there again. "
        + (SMALLER_MODEL if was_loading(folder) else LESS_MEMORY),
    )
