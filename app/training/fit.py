"""Can runs be trained where the operator wants them trained? Asked of the interpreter, or cluster, that would do it."""

import json
import subprocess
import sys

from app.core.settings import Settings
from app.training.launch import CannotWork, environment
from app.training.on_ray import Cluster

PATIENCE = 120  # seconds: torch is slow to load on a busy machine
NEEDED = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")
PROBE = f"""
import importlib.util, json, sys
missing = [name for name in {NEEDED!r} if importlib.util.find_spec(name) is None]
gpus = 0
if not missing and sys.argv[1] != "1":
    import torch
    gpus = torch.cuda.device_count()
print(json.dumps({{"missing": missing, "gpus": gpus}}))
"""


def obstacles(settings: Settings) -> list[str]:
    """What keeps runs from being trained, in sentences; empty where nothing does."""
    if settings.training_on == "ray":
        return of_cluster(settings)
    return of_interpreter(settings.python or sys.executable, settings.training_processes)


def of_cluster(settings: Settings) -> list[str]:
    """Whether somebody answers at PENSET_RAY_URL."""
    try:
        Cluster(settings).version()
    except CannotWork as why:
        return [str(why)]
    return []


def of_interpreter(python: str, processes: int) -> list[str]:
    """Whether the training packages are there, and as many GPUs as processes, if there are any."""
    try:
        probe = subprocess.run(
            [python, "-c", PROBE, str(processes)],
            env=environment(None),  # what a worker will know, and none of our secrets
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            text=True,
        )
        found = json.loads(probe.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        return [f"{python} does not run ({type(problem).__name__}): correct PENSET_PYTHON."]
    if found["missing"]:
        lacks = ", ".join(found["missing"])
        return [f"{python} lacks {lacks}: install penset[train] there, or name another by PENSET_PYTHON."]
    if 0 < found["gpus"] < processes:
        return [f"There are {found['gpus']} GPUs for {processes} processes of a run: lower PENSET_TRAINING_PROCESSES."]
    return []
