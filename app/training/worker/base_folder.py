"""Whether a model folder may be opened: safetensors and JSON only, no code, no pickle (SECURITY.md S83, S84)."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.training.worker.failures import RunFailed

RUNS_CODE = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".npy", ".npz", ".joblib", ".h5", ".py", ".so"}
VOCABULARIES = {"tokenizer.json", "vocab.json"}  # here "auto_map" may be a word like any other
ADVICE = "Bring the model as safetensors, with its configuration and tokenizer as JSON, and nothing else."


def check_folder(folder: Path) -> None:
    """RunFailed, naming the file, for anything in `folder` that could run code when it is loaded."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix.lower() in RUNS_CODE:
            raise RunFailed("unsafe_model", f"The model folder holds {name}, which could run code.", ADVICE)
        if path.is_symlink():
            raise RunFailed("unsafe_model", f"The model folder holds {name}, a link to somewhere else.", ADVICE)
        if path.suffix.lower() == ".json" and path.name not in VOCABULARIES and _names_code(path):
            raise RunFailed("unsafe_model", f"{name} of the model asks for its own code (auto_map).", ADVICE)
    for needed in ("config.json", "tokenizer.json"):
        if not (folder / needed).is_file():
            raise RunFailed("no_model", f"The model folder has no {needed}.", ADVICE)
    if not list(folder.glob("*.safetensors")):
        raise RunFailed("no_model", "The model folder has no weights in safetensors.", ADVICE)


def weights_sha256(folder: Path) -> str:
    """One digest of all weight files of `folder`, in the order of their names."""
    digest = sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _names_code(path: Path) -> bool:
    def has(value: Any) -> bool:
        if isinstance(value, dict):
            return "auto_map" in value or any(has(inner) for inner in value.values())
        return isinstance(value, list) and any(has(inner) for inner in value)

    try:
        return has(json.loads(path.read_text("utf-8")))
    except ValueError as problem:
        raise RunFailed("no_model", f"{path.name} of the model is no JSON: {problem}.", ADVICE) from problem
