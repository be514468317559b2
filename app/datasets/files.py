"""The files of a published version. Stored by content, so that a retry writes nothing twice."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import NotFound, Unavailable
from app.core.storage import AlreadyStored, NotStored, Storage, StorageError
from app.datasets.models import Version

DATA_FILES = ("train.jsonl", "validation.jsonl", "test.jsonl")
MEDIA_TYPES = {".jsonl": "application/jsonl", ".json": "application/json", ".md": "text/markdown; charset=utf-8"}
CHUNK = 1 << 20


@dataclass(frozen=True)
class FileFact:
    """One file: its name, size in bytes and SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str

    @property
    def media_type(self) -> str:
        """The type from our table, never from what a name claims."""
        return MEDIA_TYPES[Path(self.name).suffix]


def version_files(version: Version) -> list[FileFact]:
    """The files of a published version, in the order in which a reader wants them; none before."""
    manifest = version.manifest or {}
    facts = {**manifest.get("files", {}), **manifest.get("beside", {})}
    return [FileFact(name, fact["bytes"], fact["sha256"]) for name, fact in facts.items()]


def file_of(version: Version, name: str) -> FileFact:
    """The facts of one file. NotFound for a name that the version has not."""
    for fact in version_files(version):
        if fact.name == name:
            return fact
    raise NotFound("datasets.no_such_file", "This version has no such file.")


def key_of(sha256: str) -> str:
    """Where content lies in storage."""
    return f"versions/{sha256[:2]}/{sha256}"


def keep(storage: Storage, path: Path) -> FileFact:
    """Store a finished file by its content; what is there already is the same."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(AlreadyStored):
        storage.put_new(key_of(sha256), path)
    return FileFact(path.name, path.stat().st_size, sha256)


def open_file(storage: Storage, version: Version, name: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """The bytes of a file, or of a part (start, end). Unavailable where they are not whole in storage."""
    fact = file_of(version, name)
    try:
        if storage.size(key_of(fact.sha256)) != fact.bytes:
            raise broken(name)
        return storage.open(key_of(fact.sha256), span)
    except (NotStored, StorageError):
        raise broken(name) from None


def broken(name: str) -> Unavailable:
    """What a reader hears instead of wrong bytes."""
    return Unavailable("datasets.file_damaged", f"{name} is damaged in storage; an administrator must restore it.")


def copy_to(storage: Storage, version: Version, folder: Path, names: Sequence[str] = DATA_FILES) -> None:
    """Write files of a version into a folder, checking each against its SHA-256."""
    for name in names:
        digest = hashlib.sha256()
        with (folder / name).open("wb") as out:
            for chunk in open_file(storage, version, name):
                digest.update(chunk)
                out.write(chunk)
        if digest.hexdigest() != file_of(version, name).sha256:
            raise broken(name)
