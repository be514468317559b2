"""Where a finished run's model lies in storage."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from app.core.storage import NotStored, Storage
from app.training.models import Run
from app.training.worker.folder import CARD, SUMS, read_sums


def model_prefix(run: Run) -> str:
    """The folder of keys in which a run's model lies."""
    return f"runs/{run.id}/model"


def model_key(run: Run, name: str) -> str:
    """The key of one file. Keys have no capitals."""
    return f"{model_prefix(run)}/{name.lower()}"


def keep_model(storage: Storage, run: Run, folder: Path) -> None:
    """Put a finished model into storage, file by file; what is there from an earlier try stays."""
    kept = set(storage.list(model_prefix(run)))
    for path in sorted(folder.iterdir()):
        key = model_key(run, path.name)
        if path.is_file() and key not in kept:
            storage.put_new(key, path)


def list_model(storage: Storage, run: Run) -> list[tuple[str, int]]:
    """Names and sizes of a model's files; empty while there is none."""
    prefix = model_prefix(run)
    names = [(key.removeprefix(f"{prefix}/"), storage.size(key)) for key in sorted(storage.list(prefix))]
    return [(CARD if name == CARD.lower() else name, size) for name, size in names]


def model_hashes(storage: Storage, run: Run) -> dict[str, str]:
    """SHA-256 of a model's files by name, as its worker wrote them; empty for a model of an older Penset."""
    with suppress(NotStored):
        written = b"".join(storage.open(model_key(run, SUMS)))
        return {**read_sums(written.decode()), SUMS: sha256(written).hexdigest()}
    return {}
