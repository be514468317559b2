"""A run's worker as a job of a Ray cluster, by the REST interface of Ray Jobs; nothing of Ray is installed here.

The cluster's machines see the run's folder under the same path, and what goes in and out is that folder. The interface:
https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html
"""

import shlex
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

from app.core.settings import Settings
from app.training.launch import CannotWork, Working, command, environment
from app.training.worker.events import read_events

KEPT = "ray.job"  # in the run's folder: the name of the job that works on it
ASKED_EVERY = 2.0  # seconds
SOFT_STOP_SECONDS = 5
LOST_SECONDS = 120
ANSWERS_WITHIN = 10
TAKES_WITHIN = 90  # the first job of a cluster that has just begun
NOBODY_YET = "No available agent"  # what such a cluster says before it can start jobs at all
OVER = ("SUCCEEDED", "FAILED", "STOPPED")
REASON = 300  # characters; Ray answers with a whole traceback, whose end says why
ENDED_BY_OTHERS = 143  # what a shell says of a process that was told to end
OF_MACHINE = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "CUDA_VISIBLE_DEVICES")  # the cluster's machines have theirs


class NoAnswer(Exception):
    """The cluster did not answer, refused, or said what nobody understands. `gone`: it knows no such job."""

    def __init__(self, problem: Exception) -> None:
        """`problem`: what httpx, or json, says. Of a refusal it holds the end of the cluster's own words too."""
        said = problem.response.text.strip()[-REASON:] if isinstance(problem, httpx.HTTPStatusError) else ""
        super().__init__(f"{problem} {said}".rstrip())
        self.kind = type(problem).__name__
        self.gone = isinstance(problem, httpx.HTTPStatusError) and problem.response.status_code == httpx.codes.NOT_FOUND


class Cluster:
    """Ray Jobs at an address."""

    def __init__(self, settings: Settings) -> None:
        """`settings.ray_url` is there."""
        token = settings.ray_token
        self.url = str(settings.ray_url).rstrip("/")
        self.headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}

    def ask(self, method: str, path: str, *, within: float = ANSWERS_WITHIN, **body: Any) -> dict[str, Any]:
        """What it answers. NoAnswer where it does not, or refuses. No proxy of our environment sees the token."""
        url = f"{self.url}/api/{path}"
        try:
            answer = httpx.request(
                method, url, json=body or None, headers=self.headers, timeout=within, trust_env=False
            )
            return dict(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError, TypeError) as problem:
            raise NoAnswer(problem) from None

    def version(self) -> str:
        """The version of Ray there; CannotWork, with the reason, where nobody answers."""
        try:
            return str(self.ask("GET", "version").get("ray_version", ""))
        except NoAnswer as problem:
            raise CannotWork(
                f"There is no Ray cluster at {self.url} ({problem.kind}). Start it, or correct PENSET_RAY_URL."
            ) from None


@dataclass
class RayJob(Working):
    """A run's worker, somewhere in the cluster."""

    cluster: Cluster
    job: str
    code: int | None = None
    answered_at: float = field(default_factory=time.monotonic)
    asked_last: float = 0

    def poll(self) -> int | None:
        """Its exit code, asked for every now and then. CannotWork where the cluster has been silent for long."""
        now = time.monotonic()
        if self.code is None and now - self.asked_last > ASKED_EVERY:
            self.asked_last = now
            try:
                self.code = code_of(self.cluster.ask("GET", f"jobs/{self.job}"))
                self.answered_at = now
            except NoAnswer as problem:
                if now - self.answered_at > LOST_SECONDS:
                    raise CannotWork(
                        f"The Ray cluster at {self.cluster.url} has not told of job {self.job} for {LOST_SECONDS} s "
                        f"({problem.kind}). When it is back, this run can go on from its last checkpoint."
                    ) from None
            if self.code is not None:
                self.keep_log()
        return self.code

    def press(self, seconds: float) -> None:
        """Let Ray end it: by SIGTERM, three seconds later by SIGKILL."""
        if seconds > SOFT_STOP_SECONDS:
            self.end()

    def end(self) -> None:
        """Let Ray end it, if the job is still there and somebody hears."""
        if self.code is None:
            stop(self.cluster, self.job)

    def keep_log(self) -> None:
        """What the worker printed, where that of a child process would stand."""
        try:
            said = str(self.cluster.ask("GET", f"jobs/{self.job}/logs").get("logs", ""))
        except NoAnswer:
            return
        with (self.folder / "worker.log").open("a", encoding="utf-8") as log:
            log.write(said)


def start(folder: Path, settings: Settings, processes: int = 1) -> RayJob:
    """Hand the worker's command to the cluster. CannotWork where it refuses, or nobody is there.

    A job that is still at work on this folder is ended first, so that one alone writes it.
    """
    cluster = Cluster(settings)
    cluster.version()
    end_earlier(cluster, folder)
    (folder / "stop").unlink(missing_ok=True)
    offset = read_events(folder / "events.jsonl").offset
    job = f"penset-{folder.name}-{uuid.uuid4().hex[:8]}"
    keep_name(folder, job)
    words = command(folder, settings.python, settings.tracking, processes)
    surroundings = {name: value for name, value in environment(settings.tracking).items() if name not in OF_MACHINE}
    try:
        hand_over(
            cluster,
            entrypoint=shlex.join(words),
            submission_id=job,
            entrypoint_num_gpus=settings.ray_gpus,
            runtime_env={"env_vars": surroundings},
            metadata={"run": folder.name},
        )
    except NoAnswer as problem:
        stop(cluster, job)  # it may have taken the job, and answered too late
        raise CannotWork(f"The Ray cluster at {cluster.url} did not take the job: {problem}") from None
    return RayJob(folder, offset, cluster, job)


def hand_over(cluster: Cluster, **wish: Any) -> None:
    """Ask for a job, again where the cluster has surely not taken it but soon can. NoAnswer where it does not."""
    until = time.monotonic() + TAKES_WITHIN
    while True:
        try:
            cluster.ask("POST", "jobs/", within=TAKES_WITHIN, **wish)
            return
        except NoAnswer as problem:
            if NOBODY_YET not in str(problem) or time.monotonic() > until:
                raise
        time.sleep(ASKED_EVERY)


def keep_name(folder: Path, job: str) -> None:
    """Whole or not at all: half a name would keep every later try from ending that job."""
    part = folder / f"{KEPT}.part"
    part.write_text(job, "utf-8")
    part.replace(folder / KEPT)


def end_earlier(cluster: Cluster, folder: Path) -> None:
    """End the job of an earlier try that this folder names. CannotWork where it does not end."""
    if not (folder / KEPT).exists():
        return
    job, begun = (folder / KEPT).read_text("utf-8"), time.monotonic()
    while job and stop(cluster, job):
        if time.monotonic() - begun > LOST_SECONDS:
            raise CannotWork(f"Job {job} of an earlier try is still at work in the Ray cluster, and does not end.")
        time.sleep(ASKED_EVERY)


def stop(cluster: Cluster, job: str) -> bool:
    """Ask Ray to end a job. Whether it may still be at work: it may unless Ray says that it is over, or not there."""
    try:
        if cluster.ask("GET", f"jobs/{job}").get("status") in OVER:
            return False
        cluster.ask("POST", f"jobs/{job}/stop")
    except NoAnswer as why:
        return not why.gone
    return True


def code_of(told: dict[str, Any]) -> int | None:
    """A worker's exit code from what Ray tells of its job; None while it is not over."""
    status = told.get("status")
    if status not in OVER:
        return None
    code = told.get("driver_exit_code")
    if isinstance(code, int):
        return code
    return 0 if status == "SUCCEEDED" else ENDED_BY_OTHERS
