"""Bringing a run's model to this machine: resumed after a break, every file checked against its hash."""

from dataclasses import dataclass
from pathlib import Path

from app.client.errors import WrongBytes, WrongUse
from app.client.pull import Watch, bring, nobody
from app.client.server import Server
from app.client.shapes import File, ModelFile, Run
from app.client.verify import is_plain_name


@dataclass(frozen=True)
class PulledModel:
    """A model on this machine. `files` are its files with their SHA-256; `kept` names those that lay there already."""

    folder: Path
    files: dict[str, str]
    kept: tuple[str, ...]


def pull_model(server: Server, run: Run, folder: Path, *, watch: Watch = nobody) -> PulledModel:
    """Bring all files of a finished run's model into a folder.

    WrongUse for a run without a model. WrongBytes where the site knows no hash, a file arrives with another, or the
    folder holds a file of that name with other bytes: nothing is written over.
    """
    address = f"/runs/{run['id']}/model"
    listed = server.get(dict[str, list[ModelFile]], address)["files"]
    if not listed:
        raise WrongUse(f"Run {run['number']} is {run['status']} and has no model.")
    files = [_checkable(file) for file in listed]
    folder.mkdir(parents=True, exist_ok=True)
    kept = tuple(file["name"] for file in files if bring(server, address, file, folder, watch))
    return PulledModel(folder, {file["name"]: file["sha256"] for file in files}, kept)


def _checkable(file: ModelFile) -> File:
    if not is_plain_name(file["name"]):
        raise WrongBytes(f"The site names a file outside its folder: {file['name']!r}.")
    if file["sha256"] is None:
        raise WrongBytes(
            f"The site knows no hash of {file['name']}: an older Penset stored this model. Download its files from the "
            "run's page, or run it again."
        )
    return File(name=file["name"], bytes=file["bytes"], sha256=file["sha256"], rows=None)
