"""`penset demo` as people start it: interrupted, started again, reset; with a database of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from app.core.errors import StartRefused
from app.core.settings import Settings
from app.demo.choice import choose_model
from app.demo.command import check, check_port, clear_the_stage, play_once
from app.demo.people import People, kept_at
from tests import factories
from tests.browser.site import free_port, wait_until
from tests.conftest import settings_in
from tests.demo.conftest import ROOT, process_on

SERVES, BEGUN, PLAYING = "Ctrl+C stops it", "People, a project", "prompts proposed"


class Demo:
    """The command in a folder; each start is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings, self.port, self.log = settings_in(folder), free_port(), folder.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, until: str) -> str:
        """Begin, and wait until it has said this. All that it said."""
        command = [sys.executable, "-m", "app.cli", "demo", "--model", "none", "--port", str(self.port), *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PENSET_")}
        environment["PENSET_DATA"] = str(self.settings.data)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        wait_until(lambda: until in self.log.read_text() or not self.runs(), 300)
        if until == SERVES:
            wait_until(lambda: self.listens() or not self.runs(), 60)
        assert self.runs(), self.log.read_text()
        return self.log.read_text()

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def listens(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, how: signal.Signals) -> int:
        """End it by a signal. The exit code."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)

    def enters(self, role: str, password: str) -> bool:
        """Whether the site lets somebody in with this password."""
        email = self.accounts()[role]["email"]
        origin = f"http://127.0.0.1:{self.port}"
        answer = httpx2.post(
            f"{origin}/sign-in", data={"email": email, "password": password}, headers={"Origin": origin}, timeout=30
        )
        return answer.status_code == 303

    def accounts(self) -> dict[str, dict[str, str]]:
        """What it keeps of its accounts."""
        kept: dict[str, dict[str, str]] = json.loads(kept_at(self.settings).read_text())
        return kept


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo that nobody has started yet. What it leaves outside its folder is removed."""
    (tmp_path / "demo").mkdir()
    demo = Demo(tmp_path / "demo")
    yield demo
    if demo.runs():
        demo.end(signal.SIGTERM)
    shutil.rmtree(demo.settings.database_folder, ignore_errors=True)


def test_interrupted_it_begins_anew_then_keeps_all_until_it_is_reset(demo: Demo) -> None:  # S9
    demo.start(until=BEGUN)
    demo.end(signal.SIGKILL)
    assert not kept_at(demo.settings).exists()

    began = monotonic()
    played = demo.start(until=SERVES)
    first_seconds = monotonic() - began
    assert "An earlier demo was interrupted; beginning anew." in played
    accounts = {role: demo.accounts()[role]["password"] for role in ("annotator", "reviewer", "admin")}
    assert all(password in played and demo.enters(role, password) for role, password in accounts.items())
    assert demo.end(signal.SIGTERM) == 0

    began = monotonic()
    again = demo.start(until=SERVES)
    assert monotonic() - began < first_seconds
    assert PLAYING not in again
    assert all(password in again and demo.enters(role, password) for role, password in accounts.items())
    assert demo.end(signal.SIGTERM) == 0

    reset = demo.start("--reset", until=BEGUN)
    assert "interrupted" not in reset
    assert not kept_at(demo.settings).exists()


def test_nothing_is_removed_that_the_demo_did_not_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    monkeypatch.setattr(Settings, "database_folder", property(lambda self: self.data / "postgres"))
    settings.database_folder.mkdir()
    (tmp_path / "secret").write_text("theirs")
    with pytest.raises(StartRefused, match="was not made by the demo: nothing was removed"):
        clear_the_stage(settings, reset=True)
    assert settings.database_folder.exists()
    assert (tmp_path / "secret").exists()


def test_a_database_of_the_operators_is_never_emptied(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"database_url": SecretStr("postgresql://somewhere/penset")})
    with pytest.raises(StartRefused, match="empty that database yourself"):
        clear_the_stage(settings, reset=True)


def test_accounts_that_another_penset_kept_are_told_and_can_be_reset(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    kept_at(settings).write_text('{"annotator": {}}')
    with pytest.raises(StartRefused, match="make demo-reset"):
        People.read(settings)
    clear_the_stage(settings, reset=True)
    assert People.read(settings) is None


def test_where_people_have_accounts_nothing_is_played(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with own_sessions.begin() as session:
        factories.user(session, "Somebody")
    with process_on(own_database, tmp_path) as here, pytest.raises(StartRefused, match="with people already"):
        play_once(here, "none")
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_it_shows_its_passwords_on_this_machine_alone(tmp_path: Path) -> None:  # S9
    beyond = Settings(data=tmp_path, public_url="https://penset.example.org")
    with pytest.raises(StartRefused, match=r"on 127\.0\.0\.1 only"):
        check(beyond)
    check(Settings(data=tmp_path, public_url="http://127.0.0.1:8000"))


def test_a_taken_port_is_told_before_anything_is_played() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=f"listens on 127.0.0.1:{port} already"):
            check_port(port)
    check_port(port)


@pytest.mark.parametrize("model", ["", "none", "tiny", "smollm2-135m"])
def test_a_model_that_is_known_is_taken_as_it_is(model: str, settings: Settings) -> None:
    assert choose_model(settings, model) == model


def test_a_folder_with_a_model_becomes_a_base_model(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "mine"
    shutil.copytree(ROOT / "app/training/tiny", folder)
    assert choose_model(settings, str(folder)) == "mine"
    assert (settings.models_root / "mine" / "model.safetensors").is_file()
    assert choose_model(settings, str(folder)) == choose_model(settings, "mine") == "mine"


@pytest.mark.parametrize("model", ["nothing-of-that-name", "/nowhere/at/all", "https://example.org/model"])
def test_a_model_that_is_not_here_is_refused_with_the_choices(model: str, settings: Settings) -> None:
    with pytest.raises(StartRefused, match="one of: tiny, smollm2-135m, gemma-3-270m, none"):
        choose_model(settings, model)


def test_a_folder_without_a_model_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="holds no model"):
        choose_model(settings, str(tmp_path))
