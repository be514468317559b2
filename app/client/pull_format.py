"""Bringing another format of a version to this machine, and the list of what was withdrawn from it since."""

import json
from pathlib import Path
from time import sleep
from typing import Any, cast

from app.client.errors import ClientError, WrongBytes, WrongUse
from app.client.pull import Pulled, Watch, bring, nobody
from app.client.server import Server
from app.client.shapes import DroppedRow, Format, Version, Withdrawn
from app.client.verify import MANIFEST, is_plain_name, plain, read_manifest, verify

AS_PUBLISHED = "messages"
WITHDRAWN = "withdrawn.json"


def pull_format(
    server: Server,
    version: Version,
    form: str,
    folder: Path,
    *,
    expected: str | None = None,
    watch: Watch = nobody,
    every: float = 1.0,
) -> Pulled:
    """Bring a version in another format into a folder; the site makes it first where it is not there yet.

    Each file is checked by size and hash, the format's manifest must be made of this version, by its content hash (and
    the `expected` one, where given). WrongBytes where anything differs: nothing is written over.
    """
    if expected is not None and plain(expected) != version["content_hash"]:
        raise WrongBytes(f"Version {version['number']} has the content hash {version['content_hash']}, not {expected}.")
    files = {file["name"]: file for file in made(server, version, form, every)["files"]}
    if outside := [name for name in files if not is_plain_name(name)]:
        raise WrongBytes(f"The site names a file outside its folder: {outside[0]!r}.")
    folder.mkdir(parents=True, exist_ok=True)
    address = f"/versions/{version['id']}/formats/{form}"
    kept = [MANIFEST] if bring(server, address, files[MANIFEST], folder, watch) else []
    manifest = read_manifest((folder / MANIFEST).read_bytes(), MANIFEST)
    if manifest["content_hash"] != version["content_hash"]:
        raise WrongBytes(f"{folder} holds {form} of another version. Choose another folder.")
    for name in manifest["files"]:
        if name not in files:
            raise WrongBytes(f"The site lists no {name}, which the manifest names.")
        if bring(server, address, files[name], folder, watch):
            kept.append(name)
    return Pulled(verify(folder, version["content_hash"]), tuple(kept), version.get("withdrawn", 0))


def made(server: Server, version: Version, form: str, every: float) -> Format:
    """The format once it is made, asking every so many seconds. WrongUse for one that there is not."""
    address = f"/versions/{version['id']}/formats"
    known = {one["format"]: one for one in server.get(dict[str, list[Format]], address)["formats"]}
    if form not in known:
        ways = ", ".join(sorted([*known, AS_PUBLISHED]))
        raise WrongUse(f"There is no format {form}. A version comes as: {ways}.")
    asked = server.once(Format, f"{address}/{form}")
    while asked["status"] == "queued":
        sleep(every)
        found = server.get(dict[str, list[Format]], address)["formats"]
        asked = next(one for one in found if one["format"] == form)
    if asked["status"] != "done":
        raise ClientError(f"{asked['title']} could not be made: {asked['failure']}")
    return asked


def save_withdrawn(server: Server, version: Version, folder: Path) -> Withdrawn:
    """Write what was withdrawn since into the folder, as withdrawn.json; an older list is replaced by a whole one."""
    found = withdrawn_of(server, version)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{WITHDRAWN}.part"
    part.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.replace(folder / WITHDRAWN)
    return found


def withdrawn_of(server: Server, version: Version) -> Withdrawn:
    """All that was withdrawn from a version since, page after page."""
    address = f"/versions/{version['id']}/withdrawn"
    first = server.get(dict[str, Any], address)
    cursor = first.pop("next_cursor")
    more = server.pages(DroppedRow, address, "rows", cursor=cursor) if cursor else ()
    return cast(Withdrawn, {**first, "rows": [*first["rows"], *more]})
