"""A small hub: repositories with commits, over HTTP, as `huggingface_hub` asks for them. It keeps what it is sent."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

TOKEN = "hf_of_the_tests"


@dataclass
class Repository:
    """One repository of datasets: its files now, every commit's files, and by tag the commit that it names."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[dict[str, bytes]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def at(self, revision: str) -> dict[str, bytes]:
        """The files of a commit, or of the branch."""
        if revision == "main":
            return self.files
        return next(files for number, files in enumerate(self.commits, 1) if name_of(number) == revision)


@dataclass
class Hub:
    """All that was sent. `break_at` answers the n-th request with this status; `calls` are what was asked."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)


def is_large(path: str) -> bool:
    """What the hub keeps as large files; the rest stands in the commit itself."""
    return path.endswith((".jsonl", ".parquet"))


def answer(hub: Hub, method: str, path: str, body: bytes) -> tuple[int, Any]:
    """The status and the JSON that a request gets."""
    for part, status in hub.refuse.items():
        if part in path:
            return status, {"error": "refused by the test"}
    if path == "/api/repos/create":
        return created(hub, json.loads(body))
    if path == "/api/validate-yaml":
        yaml.safe_load(json.loads(body)["content"].split("---\n")[1])
        return 200, {"errors": [], "warnings": []}
    if path.startswith("/large/") and method == "PUT":
        hub.large[path.removeprefix("/large/")] = body
        return 200, {}
    match = re.fullmatch(r"(?:/api)?/datasets/([^/]+/[^/.]+)(?:\.git)?(?:/(.+))?", path)
    if match is None or match[1] not in hub.repositories:
        return 404, {"error": "no such repository"}
    return of_repository(hub, match[1], match[2] or "revision/main", body)


def created(hub: Hub, wanted: dict[str, Any]) -> tuple[int, Any]:
    """A new repository, or 409 for one that is there."""
    name = f"{wanted['organization']}/{wanted['name']}"
    there = {"url": f"{hub.address}/datasets/{name}", "name": name}
    if name in hub.repositories:
        return 409, there | {"error": "You already created this dataset repo"}
    hub.repositories[name] = Repository(private=wanted.get("visibility") == "private" or bool(wanted.get("private")))
    return 200, there


def of_repository(hub: Hub, name: str, asked: str, body: bytes) -> tuple[int, Any]:
    """What is asked of one repository."""
    repository = hub.repositories[name]
    if asked == "preupload/main":
        return 200, {"files": [upload_mode(repository, one["path"]) for one in json.loads(body)["files"]]}
    if asked == "info/lfs/objects/batch":
        objects = json.loads(body)["objects"]
        return 200, {"transfer": "basic", "objects": [where_to(hub, one) for one in objects]}
    if asked == "commit/main":
        return committed(hub, name, [json.loads(line) for line in body.splitlines()])
    if asked == "refs":
        tags = [{"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": oid} for tag, oid in repository.tags.items()]
        return 200, {"branches": [], "converts": [], "tags": tags}
    if asked.startswith("paths-info/"):
        files = repository.at(asked.removeprefix("paths-info/"))
        return 200, [about(path, files[path]) for path in parse_qs(body.decode())["paths"] if path in files]
    if asked.startswith("tag/"):
        tag = json.loads(body)["tag"]
        if tag in repository.tags:
            return 409, {"error": "Tag already exists"}
        repository.tags[tag] = asked.removeprefix("tag/")
        return 200, {}
    if asked in ("revision/main", "revision%2Fmain"):
        return 200, {"id": name, "sha": head(repository), "private": repository.private, "tags": [], "siblings": []}
    return 404, {"error": f"{asked} is not spoken here"}


def upload_mode(repository: Repository, path: str) -> dict[str, Any]:
    """How a file is to be sent, and what lies there now."""
    held = repository.files.get(path)
    mode = "lfs" if is_large(path) else "regular"
    oid = None
    if held is not None:
        oid = hashlib.sha256(held).hexdigest() if mode == "lfs" else blob_of(held)
    return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid}


def about(path: str, held: bytes) -> dict[str, Any]:
    """What the hub tells of a file."""
    return {"type": "file", "path": path, "size": len(held), "oid": blob_of(held)}


def blob_of(held: bytes) -> str:
    """The name that git has for these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(held) + held).hexdigest()  # noqa: S324 - git's


def where_to(hub: Hub, wanted: dict[str, Any]) -> dict[str, Any]:
    """Where the bytes of a large file go, unless they are there."""
    if wanted["oid"] in hub.large:
        return dict(wanted)
    return wanted | {"actions": {"upload": {"href": f"{hub.address}/large/{wanted['oid']}"}}}


def committed(hub: Hub, name: str, lines: list[dict[str, Any]]) -> tuple[int, Any]:
    """A commit of all that its lines name, or none of it."""
    repository, files, gone = hub.repositories[name], {}, set()
    for line in lines[1:]:
        value = line["value"]
        if line["key"] == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        elif line["key"] == "deletedFile":
            gone.add(value["path"])
        elif value["oid"] in hub.large:
            files[value["path"]] = hub.large[value["oid"]]
        else:
            return 400, {"error": f"{value['path']} was not sent"}
    repository.files = {path: held for path, held in (repository.files | files).items() if path not in gone}
    repository.commits.append(dict(repository.files))
    repository.messages.append(f"{lines[0]['value']['summary']}\n\n{lines[0]['value'].get('description', '')}")
    oid = head(repository)
    return 200, {"commitUrl": f"{hub.address}/datasets/{name}/commit/{oid}", "commitOid": oid, "success": True}


def head(repository: Repository) -> str:
    """The name of the newest commit."""
    return name_of(len(repository.commits))


def name_of(number: int) -> str:
    """The name of a commit."""
    return hashlib.sha1(str(number).encode()).hexdigest()  # noqa: S324 - looks like git's


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub at an address of this machine."""
    hub = Hub()

    class Door(BaseHTTPRequestHandler):
        """Reads a request, answers it, tells nothing to the screen."""

        protocol_version = "HTTP/1.1"

        def do_any(self) -> None:
            """Every method alike."""
            path = urlsplit(self.path).path
            body = self.read()
            hub.calls.append(f"{self.command} {path}")
            # The bytes of large files go to an address that needs no token, as on the real one.
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}" or path.startswith("/large/")
            status, told = answer(hub, self.command, path, body) if known else (401, {"error": "who are you?"})
            said = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_any  # noqa: N815 - the names that http.server looks for

        def read(self) -> bytes:
            """The body, of a given length or in chunks."""
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has
            """Tests need no log of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
