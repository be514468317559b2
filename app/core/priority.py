"""How processes that answer nobody step back behind those that do, where both want a processor."""

import os
from contextlib import suppress
from pathlib import Path


def step_back(niceness: int) -> None:
    """Leave the processors to who answers people, also with all processes that this one begins. 0: change nothing."""
    if niceness:
        os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
        if os.getsid(0) == os.getpid():  # else the group is others', too: of a shell, for one
            _step_back_as_group("self", niceness)


def step_back_too(process_id: int) -> None:
    """Let a process that we began, in a session of its own, step back as far as we did."""
    if (niceness := os.getpriority(os.PRIO_PROCESS, 0)) > 0:
        _step_back_as_group(str(process_id), niceness)


def _step_back_as_group(process: str, niceness: int) -> None:
    """Where Linux makes a group of each session, nice counts within the group alone, and the group has its own
    (sched(7), "The autogroup feature")."""
    with suppress(OSError):  # there are no such groups here
        Path(f"/proc/{process}/autogroup").write_text(str(niceness), "ascii")
