"""The files of a version: kept before the version is listed, checked before they are read."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.core.errors import NotFound, Unavailable
from app.core.storage import CHUNK_BYTES, AlreadyStored, Storage, StorageError, StorageFailed
from app.datasets.models import Part, Version
from app.datasets.publish.manifest import canonical

DATA_FILES = ("train.jsonl", "validation.jsonl", "test.jsonl")
MANIFEST, CARD = "manifest.json", "README.md"
REPORT = "contamination.json"
NAMES = (*(part.file for part in Part), REPORT, MANIFEST, CARD)
MEDIA_TYPES = {
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class FileFact:
    """One file: its name, size in bytes and SHA-256 in hex; rows only where it holds rows."""

    name: str
    bytes: int
    sha256: str
    rows: int | None = None

    @property
    def media_type(self) -> str:
        """The type from our table, never from what a name claims."""
        return MEDIA_TYPES[Path(self.name).suffix]


def version_files(version: Version) -> list[FileFact]:
    """The files of a published version, in the order in which a reader wants them; none before."""
    if version.manifest is None or version.content_hash is None:
        return []
    listed = version.manifest["files"]
    facts = [FileFact(name, one["bytes"], one["sha256"], one.get("rows")) for name, one in listed.items()]
    facts.append(FileFact(MANIFEST, len(canonical(version.manifest)), version.content_hash))
    return sorted(facts, key=lambda fact: NAMES.index(fact.name))


def file_of(version: Version, name: str) -> FileFact:
    """The facts of one file. NotFound for a name that the version has not."""
    for fact in version_files(version):
        if fact.name == name:
            return fact
    raise NotFound("datasets.no_such_file", "This version has no such file.")


def folder_of(version_id: int) -> str:
    """Where the files of one version lie in storage."""
    return f"versions/{version_id}"


def key_of(version_id: int, sha256: str) -> str:
    """Where a file lies: its name in storage is what is in it, so a retry writes nothing twice and nothing over."""
    return f"{folder_of(version_id)}/{sha256}"


def keep(storage: Storage, version_id: int, name: str, content: Callable[[], Iterable[bytes]]) -> FileFact:
    """Put a file of a version into storage; see `keep_in`."""
    return keep_in(storage, folder_of(version_id), name, content)


def keep_in(storage: Storage, folder: str, name: str, content: Callable[[], Iterable[bytes]]) -> FileFact:
    """Put a file into storage, safe on disk, and read it back. One that an earlier try left there is kept if whole."""
    digest, size = hashlib.sha256(), 0
    for chunk in content():
        digest.update(chunk)
        size += len(chunk)
    fact = FileFact(name, size, digest.hexdigest())
    key = f"{folder}/{fact.sha256}"
    try:
        storage.put_new(key, in_chunks(content()))
    except AlreadyStored:  # an earlier try's, or our own whose answer was lost
        if is_whole(storage, key, fact):
            return fact
        storage.delete(key)
        storage.put_new(key, in_chunks(content()))
    if not is_whole(storage, key, fact):
        storage.delete(key)
        raise StorageFailed(f"{name} did not arrive in storage as it was sent.")
    return fact


def in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a write."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def is_whole(storage: Storage, key: str, fact: FileFact) -> bool:
    """Whether what is stored is what was published: it is there, and has its size and its SHA-256."""
    try:
        return storage.size(key) == fact.bytes and hash_of(storage, key) == fact.sha256
    except StorageError:
        return False


def hash_of(storage: Storage, key: str) -> str:
    """The SHA-256 of what is stored, in hex: all of it is read."""
    digest = hashlib.sha256()
    for chunk in storage.open(key):
        digest.update(chunk)
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def hash_under(storage: Storage, key: str, stamp: str) -> str:
    """The same, read once a process for as long as nobody touches the file: then its `stamp` is another."""
    return hash_of(storage, key)


def is_still_whole(storage: Storage, key: str, fact: FileFact) -> bool:
    """Whether what is stored is what was published, without reading again what was found whole and lies untouched."""
    try:
        return hash_under(storage, key, storage.stamp(key)) == fact.sha256
    except StorageError:
        return False


def drop_leftovers(storage: Storage, version: Version) -> None:
    """Remove what a killed, cancelled or outdated try has left beside the files of a version; all, if it is no version.

    Call it with the version's row locked: nobody may begin to publish it meanwhile.
    """
    listed = {key_of(version.id, fact.sha256) for fact in version_files(version)}
    for key in storage.list(folder_of(version.id)):
        if key not in listed:
            storage.delete(key)


def open_file(storage: Storage, version: Version, name: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """The bytes of a file of a version, or from span[0] up to span[1]; see `open_whole`."""
    fact = file_of(version, name)
    return open_whole(storage, key_of(version.id, fact.sha256), fact, span)


def first_lines(storage: Storage, version: Version, name: str, most: int) -> list[bytes]:
    """The lines that lie whole in the first `most` bytes of a file, for an estimate: nobody asks whether the rest of it
    is as it was published. NotStored where there is none."""
    fact = file_of(version, name)
    begun = b"".join(storage.open(key_of(version.id, fact.sha256), (0, min(most, fact.bytes))))
    return begun.split(b"\n")[:-1]


def open_whole(storage: Storage, key: str, fact: FileFact, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """The bytes of a file. Unavailable where they are not those that were published.

    The whole file is read and compared with its SHA-256 before the first byte is given away; a part that is asked for
    later costs no more than itself.
    """
    if not is_still_whole(storage, key, fact):
        raise Unavailable(
            "datasets.file_damaged", f"{fact.name} is damaged in storage; an administrator must restore it."
        )
    return storage.open(key, span)


def copy_to(storage: Storage, version: Version, folder: Path, names: Sequence[str] = DATA_FILES) -> None:
    """Write files of a version into a folder. Unavailable where one of them is not what was published."""
    for name in names:
        with (folder / name).open("wb") as out:
            out.writelines(open_file(storage, version, name))
