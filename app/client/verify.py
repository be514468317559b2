"""Whether the files in a folder are the ones that a version's manifest names. Needs no site and no network."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.client.errors import WrongBytes

MANIFEST = "manifest.json"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Checked:
    """A folder that holds a version, whole. `content_hash` is the SHA-256 of its manifest.json.

    Of another format it is that of the version that the format was made of.
    """

    folder: Path
    dataset: str
    version: int
    content_hash: str
    rows: dict[str, int]
    files: tuple[str, ...]


def verify(folder: Path | str, expected: str | None = None) -> Checked:
    """Compare every file of a folder with its manifest. WrongBytes names the first that is another.

    The manifest names the hash of each file, and its own hash is the version's content hash: give that as `expected`
    (noted when the version was first used) and nobody can have changed both.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise WrongBytes(f"{folder} holds no {MANIFEST}, so there is nothing to compare with.")
    content = path.read_bytes()
    manifest = read_manifest(content, str(path))
    content_hash = manifest["content_hash"]
    if expected is not None and plain(expected) != content_hash:
        raise WrongBytes(f"{path} is another version's: its content hash is {content_hash}, not {plain(expected)}.")
    for name, fact in manifest["files"].items():
        check_file(folder / name, fact["bytes"], fact["sha256"])
    return Checked(
        folder=folder,
        dataset=manifest["dataset"],
        version=manifest["version"],
        content_hash=content_hash,
        rows=manifest["rows"],
        files=(*manifest["files"], MANIFEST),
    )


def check_file(path: Path, size: int, sha256: str) -> None:
    """WrongBytes unless the file is there with this size and hash."""
    if not path.is_file():
        raise WrongBytes(f"{path} is missing.")
    if (found := path.stat().st_size) != size:
        raise WrongBytes(f"{path} has {found} bytes, not {size}. Pull the version again.")
    if (digest := sha256_of(path)) != sha256:
        raise WrongBytes(f"{path} was changed: its SHA-256 is {digest}, not {sha256}. Pull the version again.")


def sha256_of(path: Path, heard: Callable[[bytes], object] | None = None) -> str:
    """SHA-256 of a file in hex, read piece by piece; `heard` gets each piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if heard:
                heard(chunk)
    return digest.hexdigest()


def plain(sha256: str) -> str:
    """A hash as we write it: lower case, without the name of its kind before it."""
    return sha256.lower().removeprefix("sha256:")


def read_manifest(content: bytes, where: str) -> dict[str, Any]:
    """A manifest whose file names are names in its own folder, with its version's content hash. WrongBytes for none.

    Of another format: dataset and version are those that it was made of, and its rows those of its files.
    """
    try:
        manifest: dict[str, Any] = json.loads(content)
        manifest["content_hash"] = hashlib.sha256(content).hexdigest()
        if (made_of := manifest.get("made_of")) is not None:
            rows = {name: one["rows"] for name, one in manifest["files"].items() if "rows" in one}
            manifest |= {**made_of, "rows": rows, "content_hash": made_of["sha256"]}
        names = [name for name in manifest["files"] if not is_plain_name(name)]
        _ = manifest["dataset"], manifest["version"], manifest["rows"]
        _ = [(one["bytes"], one["sha256"]) for one in manifest["files"].values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WrongBytes(f"{where} is no manifest of a version.") from None
    if names:
        raise WrongBytes(f"{where} names a file outside its folder.")
    return manifest


def is_plain_name(name: str) -> bool:
    """Whether a file name stays in the folder in which it is put, and is not a hidden one."""
    return bool(name) and not name.startswith(".") and not any(c in "/\\:" or not c.isprintable() for c in name)
