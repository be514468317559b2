"""Making a format of a published version: its files from those that are stored, a line at a time.

Not at publishing: most versions are read in one shape, and a shape that comes later is there for old versions too. Not
while somebody downloads: size, hash and ETag are promised before the first byte, and parts must fit together. So a job
makes the files once, and they are kept beside the version's own, under the same promises.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as version_of
from typing import IO, Any

from app.core.storage import CHUNK_BYTES, Storage
from app.datasets.files import CARD, MANIFEST, FileFact, keep_in, open_file, version_files
from app.datasets.formats import parquet
from app.datasets.formats.form import Form, features
from app.datasets.models import Version
from app.datasets.publish.card import card
from app.datasets.publish.manifest import canonical
from app.datasets.publish.rows import line_of

LLAMA_FACTORY = "dataset_info.json"


@dataclass
class Counted:
    """Rows that a format said, and rows that it could not say."""

    said: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Made:
    """The files of a format, which are in storage, and the rows of each split that it cannot say."""

    files: list[FileFact]
    left_out: dict[str, int]


def folder_of(version_id: int) -> str:
    """Where formats of a version lie in storage: not among its own files, which are all that its manifest names."""
    return f"formats/{version_id}"


def make(storage: Storage, version: Version, form: Form) -> Made:
    """Put the files of a format into storage. Killed and begun again, it ends with the same files."""
    manifest: dict[str, Any] = version.manifest or {}
    files: list[FileFact] = []
    left_out: dict[str, int] = {}
    for name in (fact.name for fact in version_files(version) if fact.rows is not None):
        split = name.removesuffix(".jsonl")
        counted = Counted()
        kept = keep_data(storage, version, form, form.file_name(split), said(storage, version, name, form, counted))
        files.append(FileFact(kept.name, kept.bytes, kept.sha256, counted.said))
        left_out[split] = counted.left_out
    for name, words in beside(manifest, form, files, left_out).items():
        files.append(keep_in(storage, folder_of(version.id), name, partial(iter, [words])))
    told = about(version, form, files, left_out)
    files.append(keep_in(storage, folder_of(version.id), MANIFEST, lambda: [canonical(told)]))
    return Made(files, left_out)


def said(storage: Storage, version: Version, name: str, form: Form, counted: Counted) -> Iterator[bytes]:
    """The lines of a file of the version as the format says them, counted as they pass."""
    for line in lines(open_file(storage, version, name)):
        row = form.row(json.loads(line))
        if row is None:
            counted.left_out += 1
        else:
            counted.said += 1
            yield line_of(row)


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in chunks, each with its end."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def keep_data(storage: Storage, version: Version, form: Form, name: str, rows: Iterator[bytes]) -> FileFact:
    """Store a file of rows. It is made once, into a file without a name: its hash is its name in storage."""
    criteria = (version.manifest or {})["rating_keys"]
    with tempfile.TemporaryFile() as spool:
        spool.writelines(parquet.file_of(rows, features(form, criteria)) if form.ending == "parquet" else rows)
        return keep_in(storage, folder_of(version.id), name, partial(read, spool))


def read(spool: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, in chunks."""
    spool.seek(0)
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk


def beside(
    manifest: Mapping[str, Any], form: Form, files: Iterable[FileFact], left_out: Mapping[str, int]
) -> dict[str, bytes]:
    """What lies beside the rows: the card, and what LLaMA-Factory wants to know of the files."""
    found = {CARD: card(manifest, form, left_out).encode()}
    if form.llama_factory is not None:
        entries = {
            one.name.partition(".")[0]: {"file_name": one.name, **form.llama_factory} for one in files if one.rows
        }
        found[LLAMA_FACTORY] = canonical(entries)
    return found


def about(version: Version, form: Form, files: Iterable[FileFact], left_out: Mapping[str, int]) -> dict[str, Any]:
    """What manifest.json says of a format: which version it was made of, and its files."""
    manifest: dict[str, Any] = version.manifest or {}
    told = {
        "format": form.name,
        "made_of": {
            "project": manifest["project"],
            "dataset": manifest["dataset"],
            "version": manifest["version"],
            "sha256": version.content_hash,
        },
        "left_out": dict(left_out),
        "files": {
            one.name: {"bytes": one.bytes, "sha256": one.sha256} | ({} if one.rows is None else {"rows": one.rows})
            for one in files
        },
    }
    return told | ({"written_by": f"pyarrow {version_of('pyarrow')}"} if form.ending == "parquet" else {})
