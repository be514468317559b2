"""Where a finished run's model lies in storage."""

from pathlib import Path

from app.core.storage import Storage
from app.training.models import Run


def model_prefix(run: Run) -> str:
    """The folder of keys in which a run's model lies."""
    return f"runs/{run.id}/model"


def model_key(run: Run, name: str) -> str:
    """The key of one file."""
    return f"{model_prefix(run)}/{name}"


def keep_model(storage: Storage, run: Run, folder: Path) -> None:
    """Put a finished model into storage, file by file; what is there from an earlier try stays."""
    kept = set(storage.list(model_prefix(run)))
    for path in sorted(folder.iterdir()):
        key = model_key(run, path.name.lower())
        if path.is_file() and key not in kept:
            storage.put_new(key, path)


def list_model(storage: Storage, run: Run) -> list[tuple[str, int]]:
    """Names and sizes of a model's files; empty while there is none."""
    prefix = model_prefix(run)
    return [(key.removeprefix(f"{prefix}/"), storage.size(key)) for key in sorted(storage.list(prefix))]
