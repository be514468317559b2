"""What goes wrong on the way or on this machine is a sentence and an exit code, never a traceback."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from app.client.errors import NotKept, WrongBytes
from app.client.pull import download, nobody, save
from app.client.server import Server
from app.client.shapes import File
from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import approved, published, token_of
from tests.client.road import Road
from tests.waiting import wait_until


def test_what_this_machine_does_not_keep_is_said_and_the_same_command_goes_on_once_it_does(
    site: Site, signed_in: Shell
) -> None:
    approved(site, 1, 3)
    published(site)
    published(site)
    (signed_in.folder / "taken").write_text("a file")
    pull = ("datasets", "pull", "Everything@1", "--to", "taken/here")
    told = signed_in.run(*pull, code=7)
    assert "penset: taken/here: Not a directory." in told
    assert "Traceback" not in told
    said = signed_in.run("datasets", "diff", "Everything@1", "2", "--out", "nowhere/changes.jsonl", code=7)
    assert "No such file or directory" in said
    (signed_in.folder / "taken").unlink()
    assert "3 rows in taken/here, checked." in signed_in.run(*pull)


def test_changes_that_break_off_are_fetched_anew_and_nothing_half_is_left(site: Site, shell: Shell) -> None:
    approved(site, 1, 3)
    published(site)
    approved(site, 10, 20, "Answer number {}. " + 300 * "All of it. ")
    published(site)
    road = Road(urlsplit(site.address).port or 0)
    engineer = Shell(
        shell.folder, shell.home, {"PENSET_URL": road.address, "PENSET_TOKEN": token_of(site, ["datasets:read"])}
    )
    road.most, road.breaks = 30_000, 1
    with engineer.begin("datasets", "diff", "Everything@1", "2", "--out", "changes.jsonl") as comparing:
        try:
            wait_until(lambda: not road.breaks or comparing.poll() is not None)
            road.most = None
            _, why = comparing.communicate(timeout=60)
        finally:
            comparing.kill()
    road.close()
    assert comparing.returncode == 0, why
    assert road.breaks == 0
    changes = [json.loads(line) for line in (shell.folder / "changes.jsonl").read_text("utf-8").splitlines()]
    assert [one["kind"] for one in changes] == ["added"] * 20
    assert [path.name for path in shell.folder.iterdir()] == ["changes.jsonl"]


class Elsewhere(BaseHTTPRequestHandler):
    """What stands before a site, such as a page that asks for a password, or an address that leads on.

    It minds from where one asks, though not of what: there is nothing after its end.
    """

    def do_GET(self) -> None:
        """A page; below `/api/v1/datasets` the way to another address."""
        leads_on = self.path.startswith("/api/v1/datasets")
        self.send_response(302 if leads_on else 416 if "Range" in self.headers else 200)
        if leads_on:
            self.send_header("Location", "https://penset.example.org/sign-in?next=1")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Who are you?</h1>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def standing_before() -> Iterator[str]:
    """The address of such a thing."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("runs", "watch", "1"), "answered something that no Penset says"),
        (("datasets", "list"), "sends its visitors to https://penset.example.org."),
    ],
)
def test_an_address_that_is_no_penset_is_told_as_such(shell: Shell, command: tuple[str, ...], words: str) -> None:
    with standing_before() as address:
        lost = Shell(shell.folder, shell.home, {"PENSET_URL": address, "PENSET_TOKEN": "pen_secret"})
        told = lost.run(*command, code=1)
    assert words in told
    assert "Traceback" not in told
    assert "pen_secret" not in told


def test_a_file_that_ends_too_early_each_time_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.client.pull.sleep", lambda seconds: None)
    file = File(name="train.jsonl", bytes=1000, sha256=64 * "0", rows=3)
    told = pytest.raises(WrongBytes, match=r"train.jsonl ends after 21 of 1,000 bytes, each time")
    with standing_before() as address, Server(address, "pen_secret") as server, told:
        download(server, "/versions/1/files/train.jsonl", file, tmp_path / "part", nobody)


def test_what_is_no_plain_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "leads").symlink_to("elsewhere")
    os.mkfifo(tmp_path / "pipe")
    with Server("http://127.0.0.1:9", "pen_secret") as server:
        for name in ("leads", "pipe", "."):
            with pytest.raises(NotKept, match="is no plain file, and stays as it is"):
                save(server, "/versions/2/diff/1/changes.jsonl", tmp_path / name)
    assert (tmp_path / "leads").is_symlink()
    assert (tmp_path / "pipe").is_fifo()
