"""Who takes the processor? Seconds of it by the web processes, by PostgreSQL and by the benchmark itself."""

import time
from dataclasses import dataclass
from typing import Self

import psutil

from benchmarks.site import Site


@dataclass(frozen=True)
class Seconds:
    """Seconds of processor time since each began."""

    web: float
    postgres: float
    benchmark: float

    @classmethod
    def now(cls, here: Site) -> Self:
        """As they are at this moment."""
        web = sum(spent(psutil.Process(one.pid)) for one in here.webs)
        return cls(web, sum(map(spent, servers(here))), time.process_time())

    def since(self, before: Self, times: int) -> str:
        """What each of so many acts cost since then, in words."""
        web, postgres, own = (
            (now - then) / times * 1000 for now, then in zip(vars(self).values(), vars(before).values(), strict=True)
        )
        return f"web {web:.1f}, PostgreSQL {postgres:.1f}, the benchmark {own:.1f} ms"


def spent(process: psutil.Process) -> float:
    """Seconds of a process that is running, and of its children that have ended; 0 for one that is gone."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0.0


def servers(here: Site) -> list[psutil.Process]:
    """The PostgreSQL of this site and all that it has started."""
    folder = str(here.settings.data.parent)
    first = next(one for one in psutil.process_iter(["cmdline"]) if is_server(one, folder))
    return [first, *first.children(recursive=True)]


def is_server(process: psutil.Process, folder: str) -> bool:
    """Whether this is the server whose sockets lie in the folder."""
    words = process.info["cmdline"] or [""]
    return words[0].endswith("/postgres") and any(folder in word for word in words)
