"""A model is named by OWNER/NAME: it comes from the hub whole, or the reason is told and nothing is kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast
from urllib.parse import urlsplit

import pytest

from app.core.settings import Settings
from app.training.fetch import CannotFetch
from app.training.hub_models import fetch_from_hub, is_of_a_hub
from tests.forked import ROOT

TINY = ROOT / "app/training/tiny"
COMMIT = "a" * 40


class Hub(ThreadingHTTPServer):
    """Speaks what `snapshot_download` asks of a hub: one model, `ann/small`, with the files of a folder."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.files = files


class Answers(BaseHTTPRequestHandler):
    """One question to the hub."""

    def do_HEAD(self) -> None:
        """What a file is."""
        self.do_GET()

    def do_GET(self) -> None:
        """What the model holds, or a file of it."""
        files, path = cast(Hub, self.server).files, urlsplit(self.path).path
        name = path.removeprefix(f"/ann/small/resolve/{COMMIT}/")
        if path.startswith("/api/models/ann/small/tree/"):
            listed = [{"type": "file", "path": name, "size": len(files[name]), "oid": "b" * 40} for name in files]
            self.say(200, json.dumps(listed).encode())
        elif path.startswith("/api/models/ann/small"):
            self.say(200, json.dumps({"id": "ann/small", "sha": COMMIT, "siblings": []}).encode())
        elif name in files:
            self.say(200, files[name], {"ETag": f'"{len(files[name]):040x}"', "X-Repo-Commit": COMMIT})
        else:
            self.say(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """The whole answer."""
        self.send_response(status)
        for header, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def hub_with(files: dict[str, bytes], tmp_path: Path) -> Iterator[Settings]:
    """Settings that name a hub with one model."""
    hub = Hub(files)
    Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield Settings(data=tmp_path, hub_url=f"http://127.0.0.1:{hub.server_port}")
    finally:
        hub.shutdown()
        hub.server_close()


def kept(settings: Settings) -> list[str]:
    """What lies among the base models."""
    return [path.name for path in settings.models_root.iterdir()] if settings.models_root.exists() else []


@pytest.mark.parametrize(
    ("name", "so"),
    [
        ("ann/small", True),
        (f"{96 * 'a'}/{96 * 'm'}", True),
        ("small", False),
        ("/ann/small", False),
        ("a/b/c", False),
        ("../b", False),
    ],
)
def test_a_model_of_a_hub_is_named_by_its_owner_and_its_name(name: str, so: bool) -> None:
    assert is_of_a_hub(name) is so


def test_it_comes_whole_and_is_a_base_model(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in TINY.iterdir() if path.is_file()}
    other = {"pytorch_model.bin": b"a pickle", "run_me.py": b"code"}
    twice = {"consolidated.safetensors": b"the same", "original/model.safetensors": b"the same"}
    with hub_with(files | other | twice, tmp_path) as settings:
        assert fetch_from_hub(settings, "ann/small", say=str) == "ann--small"
    found = {path.name: path.read_bytes() for path in (settings.models_root / "ann--small").iterdir()}
    assert found == {name: body for name, body in files.items() if name.endswith((".json", ".safetensors"))}
    assert fetch_from_hub(settings, "ann/small", say=str) == "ann--small"  # it is here: no hub is asked


@pytest.mark.parametrize(
    ("name", "files", "why"),
    [
        ("ann/small", {"config.json": b"{}", "pytorch_model.bin": b"a pickle"}, "holds no model that Penset reads"),
        ("ann/other", {}, "did not give ann/other"),
        ("ann/" + 76 * "m", {}, "has at most 80 characters"),
    ],
)
def test_what_does_not_come_is_told_and_nothing_is_kept(
    name: str, files: dict[str, bytes], why: str, tmp_path: Path
) -> None:
    with hub_with(files, tmp_path) as settings, pytest.raises(CannotFetch, match=why):
        fetch_from_hub(settings, name, say=str)
    assert kept(settings) == []


def test_a_hub_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    with hub_with({}, tmp_path) as settings:
        pass
    with pytest.raises(CannotFetch, match=f"{settings.hub_url} did not give ann/small"):
        fetch_from_hub(settings, "ann/small", say=str)
