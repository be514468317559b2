"""What the worker's command takes."""

import argparse
from pathlib import Path

TRACKERS = ("wandb", "mlflow", "trackio", "tensorboard")  # by transformers' own integrations; the names of libraries


def arguments() -> argparse.Namespace:
    """The command's arguments: `folder`, `models`, `track`, `processes`. Ends the program where they are wrong."""
    parser = argparse.ArgumentParser("python -m app.training.worker", description="Carry out one run.")
    parser.add_argument("folder", type=Path, metavar="RUN_DIR", help="the run's folder, wherever it was copied to")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where base models lie here; default: as planned")
    parser.add_argument("--track", choices=TRACKERS, help="a tracker that is told the numbers, too")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="so many share the run, one a GPU")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"{asked.folder} is no folder")
    if asked.processes < 1:
        parser.error("--processes must be 1 or more")
    return asked
