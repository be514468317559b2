"""How much memory has the machine on which a run would be trained? Asked without torch."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from app.core.settings import Settings

ASKS = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
PATIENCE = 5  # seconds


@dataclass(frozen=True)
class Room:
    """`bytes` of `what`. `free` now, where that is known."""

    bytes: int
    what: str
    free: int | None = None
    gpu: bool = False


def room_of(settings: Settings) -> Room | None:
    """What a run may take; None where runs are trained on machines that nobody here can ask."""
    if settings.training_on == "ray":
        return None
    if gpu := first_gpu():
        return gpu
    from psutil import virtual_memory  # few requests need it

    memory = virtual_memory()
    if (allowed := (settings.training_memory_mb or 0) << 20) and allowed < memory.total:
        return Room(allowed, "a run (PENSET_TRAINING_MEMORY_MB)")
    return Room(memory.total, "this machine", memory.available)


def most_memory_mb(settings: Settings) -> int:
    """What a run's process on this machine is held to, in MiB: it hears of a shortage, where the system would kill it,
    or another process. 0: any, as beside a GPU, whose driver maps more than it takes."""
    if settings.training_memory_mb is not None:
        return settings.training_memory_mb
    if first_gpu():
        return 0
    from psutil import swap_memory, virtual_memory

    return int(virtual_memory().total + swap_memory().total) >> 20


@cache
def first_gpu() -> Room | None:
    """The first GPU that NVIDIA's own tool finds here; None where there is no such tool, or it finds none."""
    if shutil.which(ASKS[0]) is None:
        return None
    try:
        told = subprocess.run(ASKS, capture_output=True, timeout=PATIENCE, check=True, text=True).stdout
        name, _, mebibytes = told.splitlines()[0].rpartition(",")
        return Room(int(mebibytes) << 20, name.strip(), gpu=True)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
