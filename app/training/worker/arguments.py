"""What the worker's command takes."""

import argparse
from pathlib import Path

TRACKERS = ("wandb", "mlflow", "trackio", "tensorboard")  # by transformers' own integrations; the names of libraries


def arguments() -> argparse.Namespace:
    """What the command was asked, by the names below. Ends the program where that is wrong."""
    parser = argparse.ArgumentParser("python -m app.training.worker", description="Carry out one run.")
    parser.add_argument("folder", type=Path, metavar="RUN_DIR", help="the run's folder, wherever it was copied to")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where base models lie here; default: as planned")
    parser.add_argument("--track", choices=TRACKERS, help="a tracker that is told the numbers, too")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="so many share the run, one a GPU")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show which tokens of N rows bear loss")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"{asked.folder} is no folder")
    if asked.processes < 1:
        parser.error("--processes must be 1 or more")
    if asked.show < 0:
        parser.error("--show must be 1 or more")
    return asked
