"""A run as a job of a Ray cluster: of a real one on this machine, where PENSET_TEST_RAY names Ray's program."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

import pytest

from app.core.settings import Settings
from app.training import launch, on_ray
from app.training.fit import obstacles
from app.training.worker.events import Event
from tests.training.worker.runs import TINY, fill

BESIDE = Path(sys.executable).with_name("ray")  # where the extra `ray` is installed
RAY = os.environ.get("PENSET_TEST_RAY") or (str(BESIDE) if BESIDE.exists() else "")
PATIENCE = 180
SMALL = replace(TINY, epochs=1.0, measure_rows=2, test_samples=0, train_samples=0)
NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"status": "PENDING"}, None),
        ({"status": "RUNNING", "driver_exit_code": None}, None),
        ({"status": "SUCCEEDED", "driver_exit_code": 0}, 0),
        ({"status": "FAILED", "driver_exit_code": 3}, 3),
        ({"status": "STOPPED", "driver_exit_code": None}, 143),
    ],
)
def test_how_a_job_of_ray_stands_is_an_exit_code(told: dict[str, object], code: int | None) -> None:
    assert on_ray.code_of(told) == code


def test_where_no_cluster_answers_the_reason_is_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, training_on="ray", ray_url=NOBODY)
    said = "There is no Ray cluster at http://127.0.0.1:1 (ConnectError). Start it, or correct PENSET_RAY_URL."
    assert obstacles(settings) == [said]
    with pytest.raises(launch.CannotWork) as refused:
        on_ray.start(tmp_path, settings)
    assert str(refused.value) == said


Says = dict[str, list[tuple[int, str]]]


class Head(ThreadingHTTPServer):
    """Speaks HTTP as Ray's head does, and says to each question what it is told: a status, and the body's text.

    Of several answers each is said once, the last for ever.
    """

    daemon_threads = True

    def __init__(self, says: Says) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.says: Says = {"GET version": [(200, '{"ray_version": "2.60.0"}')]} | says
        self.asked = list[str]()


class Answers(BaseHTTPRequestHandler):
    """One question to the head, told by its method and path, the job's name left out."""

    def answer(self) -> None:
        """As the head was told; 404 to what it was not."""
        head = cast(Head, self.server)
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        path = self.path.removeprefix("/api/")
        asked = f"{self.command} {path if path in ('version', 'jobs/') else path.replace(path.split('/')[1], 'JOB')}"
        head.asked.append(asked)
        answers = head.says.get(asked, [(404, "")])
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        """A question."""
        self.answer()

    def do_POST(self) -> None:
        """A wish."""
        self.answer()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def head_that_says(says: Says, tmp_path: Path) -> Iterator[tuple[Head, Settings]]:
    """A head, and the settings that name it."""
    head = Head(says)
    Thread(target=head.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield head, Settings(data=tmp_path, training_on="ray", ray_url=f"http://127.0.0.1:{head.server_port}")
    finally:
        head.shutdown()
        head.server_close()


RUNNING: Says = {"GET jobs/JOB": [(200, '{"status": "RUNNING"}')], "POST jobs/JOB/stop": [(200, '{"stopped": true}')]}


@pytest.mark.parametrize(
    ("says", "may_be_at_work"),
    [
        ((404, ""), False),
        ((200, json.dumps({"status": "FAILED"})), False),
        ((200, '{"status": "RUNNING"}'), True),
        ((401, ""), True),
        ((500, ""), True),
        ((503, ""), True),
        ((200, "<html>"), True),
        ((200, "[1]"), True),
    ],
)
def test_a_job_is_over_only_where_ray_says_so_or_knows_it_no_more(
    says: tuple[int, str], may_be_at_work: bool, tmp_path: Path
) -> None:
    with head_that_says(RUNNING | {"GET jobs/JOB": [says]}, tmp_path) as (_, settings):
        assert on_ray.stop(on_ray.Cluster(settings), "a") is may_be_at_work


@pytest.mark.parametrize(
    ("says", "told"), [((500, "Traceback …\nNo agent is up"), "No agent is up$"), ((200, "<html>"), "")]
)
def test_a_job_that_was_perhaps_taken_is_stopped_and_its_whole_name_is_kept(
    says: tuple[int, str], told: str, tmp_path: Path
) -> None:
    with head_that_says(RUNNING | {"POST jobs/": [says]}, tmp_path) as (head, settings):
        with pytest.raises(launch.CannotWork, match=f"(?s)did not take the job.*{told}"):
            on_ray.start(tmp_path, settings)
        assert head.asked[-1] == "POST jobs/JOB/stop"
    assert [path.name for path in tmp_path.iterdir()] == [on_ray.KEPT]


def test_a_cluster_that_has_just_begun_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "ASKED_EVERY", 0)
    answers = [(500, "No available agent to submit job, please try again later."), (200, '{"submission_id": "a"}')]
    with head_that_says({"POST jobs/": answers}, tmp_path) as (head, settings):
        on_ray.start(tmp_path, settings)
        assert head.asked.count("POST jobs/") == 2


def test_a_proxy_of_the_environment_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    with head_that_says({}, tmp_path) as (_, settings):
        assert obstacles(settings) == []


@pytest.fixture
def ray(tmp_path: Path) -> Iterator[Settings]:
    """Settings that name a cluster of one machine, this one."""
    if not RAY:
        pytest.skip("there is no Ray: `make ray`, or name the program of another environment by PENSET_TEST_RAY")
    ports = [free_port() for _ in range(2)]
    home = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # its sockets need a short path
    options = {
        "node-ip-address": "127.0.0.1", "dashboard-host": "127.0.0.1", "port": ports[0], "dashboard-port": ports[1],
        "num-cpus": 2, "num-gpus": 0, "object-store-memory": 100_000_000, "temp-dir": home,
    }  # fmt: skip
    words = [f"--{name}={value}" for name, value in options.items()]
    with (tmp_path / "ray.log").open("wb") as log:
        head = subprocess.Popen(
            [RAY, "start", "--head", "--block", "--disable-usage-stats", *words], cwd=home, stdout=log, stderr=log
        )
    settings = Settings(data=tmp_path, training_on="ray", ray_url=f"http://127.0.0.1:{ports[1]}")
    try:
        deadline = time.monotonic() + PATIENCE
        while obstacles(settings):
            assert head.poll() is None, (tmp_path / "ray.log").read_text()
            assert time.monotonic() < deadline, "no cluster"
        yield settings
    finally:
        head.terminate()
        head.wait()
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.training
def test_a_run_comes_to_its_end_in_a_cluster(ray: Settings, tmp_path: Path) -> None:
    folder, told = fill(tmp_path / "run", SMALL), list[Event]()
    left = on_ray.start(folder, ray)
    job = on_ray.start(folder, ray)  # one alone works on a folder: the job of a trainer that died is ended first
    assert on_ray.code_of(job.cluster.ask("GET", f"jobs/{left.job}")) is not None
    assert launch.watch(job, lambda events: bool(told.extend(events))) == 0  # type: ignore[func-returns-value]
    assert told[-1]["kind"] == "done"
    assert (folder / "model" / "model.safetensors").exists()
    assert "app.training.worker" in (folder / "worker.log").read_text("utf-8")
