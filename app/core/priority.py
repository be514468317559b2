"""How processes that answer nobody step back behind those that do, where both want a processor."""

import os


def step_back(niceness: int) -> None:
    """Leave the processors to who answers people, also with all processes that this one begins. 0: change nothing.

    Many a Linux makes a group of each session and shares the processors between these (sched(7), "The autogroup
    feature"): so it counts for workers that are begun with the site, in its session.
    """
    if niceness:
        os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
