"""Bringing a version to this machine: each file under another name until it is whole, gone on with after a break."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep
from typing import Protocol

import httpx2 as httpx

from app.client.errors import ClientError, NotKept, Problem, WrongBytes, WrongUse
from app.client.server import LATER, TRIES, Server, pause, unreachable
from app.client.shapes import File, Version
from app.client.verify import MANIFEST, Checked, is_plain_name, plain, read_manifest, sha256_of, verify


class Watch(Protocol):
    """What hears how far a download is."""

    def __call__(self, name: str, done: int, total: int) -> None:
        """So many bytes of this file are here."""


def nobody(name: str, done: int, total: int) -> None:
    """A watch that looks away."""


@dataclass(frozen=True)
class Pulled:
    """A version on this machine. `kept` names the files that lay there already; `withdrawn` counts the rows that were
    withdrawn since it was published."""

    checked: Checked
    kept: tuple[str, ...]
    withdrawn: int


def pull(
    server: Server, version: Version, folder: Path, *, expected: str | None = None, watch: Watch = nobody
) -> Pulled:
    """Bring all files of a published version into a folder and check every byte.

    The manifest comes first and must have the version's content hash (and the `expected` one, where given); what it
    says of each file must be what the site lists. WrongBytes where anything differs, or where the folder holds a file
    of that name with other bytes: nothing is written over. WrongUse for a version that is not published.
    """
    content_hash = version["content_hash"]
    if content_hash is None:
        raise WrongUse(f"Version {version['number']} has no files: it is {version['status']}.")
    if expected is not None and plain(expected) != content_hash:
        raise WrongBytes(f"Version {version['number']} has the content hash {content_hash}, not {plain(expected)}.")
    files = {file["name"]: file for file in version["files"]}
    if outside := [name for name in files if not is_plain_name(name)]:
        raise WrongBytes(f"The site names a file outside its folder: {outside[0]!r}.")
    folder.mkdir(parents=True, exist_ok=True)
    manifest = File(name=MANIFEST, bytes=files[MANIFEST]["bytes"], sha256=content_hash, rows=None)
    address = f"/versions/{version['id']}/files"
    kept = [MANIFEST] if bring(server, address, manifest, folder, watch) else []
    listed = read_manifest((folder / MANIFEST).read_bytes(), MANIFEST)["files"]
    for name, file in files.items():
        if name in listed and (listed[name]["sha256"], listed[name]["bytes"]) != (file["sha256"], file["bytes"]):
            raise WrongBytes(f"The site lists another {name} than the version's manifest names.")
        if name != MANIFEST and bring(server, address, file, folder, watch):
            kept.append(name)
    return Pulled(verify(folder, content_hash), tuple(kept), version.get("withdrawn", 0))


def bring(server: Server, address: str, file: File, folder: Path, watch: Watch) -> bool:
    """Have one file of an address in the folder. True where it lay there already; WrongBytes where another one does."""
    path = folder / file["name"]
    if path.exists():
        if path.stat().st_size != file["bytes"] or sha256_of(path) != file["sha256"]:
            raise WrongBytes(f"{path} holds other bytes. Move it away, or choose another folder.")
        watch(file["name"], file["bytes"], file["bytes"])
        return True
    part = folder / f".{file['name']}.{file['sha256'][:16]}.part"
    download(server, f"{address}/{file['name']}", file, part, watch)
    part.replace(path)
    return False


def download(server: Server, address: str, file: File, part: Path, watch: Watch) -> None:
    """Fill the part until it is the whole file, going on where a break left it. WrongBytes if it is another in the end.

    Given up after five tries in a row that brought nothing, whether they broke off or ended as if that were all; but a
    part that something else had begun anew, and shorter, has to grow beyond all that was here before.
    """
    in_vain, most = 0, size_of(part)
    while size_of(part) < file["bytes"]:
        broken = attempt(server, partial(receive, server, address, file, part, watch))
        in_vain = 0 if size_of(part) > most else in_vain + 1
        most = max(most, size_of(part))
        if in_vain == TRIES:
            raise broken or ends_early(file, most)
        if broken or in_vain:
            sleep(pause(max(in_vain, 1)))
    if sha256_of(part) != file["sha256"]:
        part.unlink()
        raise WrongBytes(f"{file['name']} arrived with other bytes than were published. Pull again.")


def ends_early(file: File, most: int) -> WrongBytes:
    """What to tell of a file of which no answer brings more than so many: something answers in the site's place."""
    return WrongBytes(
        f"{file['name']} ends after {max(most, 0):,} of {file['bytes']:,} bytes, each time. Does a proxy, or "
        "a page that asks who you are, answer in the site's place?"
    )


def size_of(part: Path) -> int:
    """Bytes that are here; -1 where not even the file is, so that an empty one is asked for too."""
    return part.stat().st_size if part.exists() else -1


def attempt(server: Server, ask: Callable[[], None]) -> ClientError | None:
    """Ask once. What broke it, if that may pass; what will not pass is raised."""
    try:
        ask()
    except httpx.TransportError as why:
        return unreachable(server.url, why)
    except Problem as why:
        if why.status not in LATER:
            raise
        return why
    return None


def receive(server: Server, address: str, file: File, part: Path, watch: Watch) -> None:
    """Ask for what is missing and append it; a site that sends the whole begins the part anew."""
    have = max(size_of(part), 0)
    headers = {"Range": f"bytes={have}-", "If-Range": f'"{file["sha256"]}"'} if have else {}
    with server.bytes_of(address, headers) as answer:
        if answer.status_code == 416:
            part.unlink()
            return
        goes_on = answer.status_code == 206
        done = have if goes_on else 0
        with part.open("ab" if goes_on else "wb") as out:
            for chunk in answer.iter_raw():
                out.write(chunk)
                done += len(chunk)
                watch(file["name"], done, file["bytes"])
            out.flush()
            os.fsync(out.fileno())


def save(server: Server, address: str, path: Path) -> None:
    """Write what an address sends into a file, whole or not at all.

    A site makes it while it sends it, so a break begins it anew. Given up after five tries. NotKept for what is there
    and no plain file, such as /dev/stdout: a file would take its place.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise NotKept(f"{path} is no plain file, and stays as it is. Name a file.")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        for tried in range(1, TRIES + 1):
            broken = attempt(server, partial(receive_whole, server, address, part))
            if broken is None:
                part.replace(path)
                return
            if tried == TRIES:
                raise broken
            sleep(pause(tried))
    finally:
        part.unlink(missing_ok=True)


def receive_whole(server: Server, address: str, part: Path) -> None:
    """Fill the part from its beginning."""
    with part.open("wb") as out, server.bytes_of(address, {}) as answer:
        out.writelines(answer.iter_raw())
