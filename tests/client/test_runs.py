"""Runs from afar: started on a version by name, followed to their end, and the end is the exit code."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from app.training import service
from app.training.artefacts import keep_model
from app.training.models import Run, RunStatus
from app.training.worker.events import EventKind
from app.training.worker.folder import write_sums
from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import approved, published
from tests.training.made import WEIGHTS, event, told
from tests.waiting import wait_until


def begun(site: Site, shell: Shell) -> int:
    """The id of a run that the command has started and a trainer has taken."""
    approved(site, 1, 12)
    published(site)
    run = json.loads(shell.run("runs", "start", "Everything@1", "--set", "epochs=1", "--set", "seed=11", "--json"))
    assert (run["status"], run["plan"]["epochs"], run["plan"]["seed"]) == ("queued", 1, 11)
    with site.sessions.begin() as session:
        assert service.begin(session, run["id"])
    return int(run["id"])


def ended(site: Site, run_id: int, status: RunStatus, failure: str = "") -> None:
    """The run told everything and has come to its end."""
    with site.sessions.begin() as session:
        service.keep_events(session, run_id, [event(EventKind.DONE, 9, seconds=61.0)])
        service.settle(session, run_id, status, failure=failure)


def test_a_run_is_followed_while_it_goes_and_its_end_is_told(site: Site, signed_in: Shell) -> None:
    run_id = begun(site, signed_in)
    with signed_in.begin("runs", "watch", str(run_id), "--json") as watching:
        try:
            with site.sessions.begin() as session:
                service.keep_events(session, run_id, told(steps=3))
            assert watching.stdout
            first = json.loads(watching.stdout.readline())  # it tells before the run has ended
            assert (first["kind"], first["total_steps"]) == ("started", 20)
            ended(site, run_id, RunStatus.DONE)
            rest = [json.loads(line) for line in watching.stdout.read().split("\n")[:-1]]
            wait_until(lambda: watching.poll() is not None)
        finally:
            watching.kill()
    assert watching.returncode == 0
    assert [one["kind"] for one in rest] == ["before", "step", "step", "step", "evaluation", "done"]
    words = signed_in.run("runs", "watch", str(run_id))
    assert "step 3/20  validation 3.750" in words
    assert f"Run 1 is done. Its report: {site.address}/runs/{run_id}/report" in words


def test_a_run_that_failed_says_why_and_ends_the_command_with_its_own_code(site: Site, signed_in: Shell) -> None:
    run_id = begun(site, signed_in)
    ended(site, run_id, RunStatus.FAILED, "The disk is full.")
    assert "Run 1 failed: The disk is full." in signed_in.run("runs", "watch", str(run_id), code=6)


def test_a_model_comes_here_whole_and_goes_on_after_a_break(site: Site, signed_in: Shell, tmp_path: Path) -> None:
    run_id = begun(site, signed_in)
    assert "Run 1 is running and has no model." in signed_in.run("runs", "pull", str(run_id), code=2)
    model, here = tmp_path / "model", signed_in.folder / "run-1"
    model.mkdir()
    (model / "model.safetensors").write_bytes(WEIGHTS)
    (model / "README.md").write_text("# A model", "utf-8")
    write_sums(model)
    with site.sessions.begin() as session:
        keep_model(site._storage, session.get_one(Run, run_id), model)
    ended(site, run_id, RunStatus.DONE)

    here.mkdir()
    half = here / f".model.safetensors.{sha256(WEIGHTS).hexdigest()[:16]}.part"
    half.write_bytes(b"x" * 5000)  # not what was published: it is gone on with, and its end shows it
    assert "model.safetensors arrived with other bytes" in signed_in.run("runs", "pull", str(run_id), code=4)
    half.write_bytes(WEIGHTS[:5000])
    assert "3 files in run-1, checked." in signed_in.run("runs", "pull", str(run_id))
    assert (here / "model.safetensors").read_bytes() == WEIGHTS
    subprocess.run(["sha256sum", "--check", "--quiet", "sha256sums"], cwd=here, check=True)
    again = json.loads(signed_in.run("runs", "pull", str(run_id), "--json"))
    assert sorted(again["kept"]) == sorted(again["files"]) == ["README.md", "model.safetensors", "sha256sums"]
    (here / "README.md").write_text("Mine.", "utf-8")
    assert "README.md holds other bytes" in signed_in.run("runs", "pull", str(run_id), code=4)
    assert (here / "README.md").read_text("utf-8") == "Mine."


def test_a_setting_that_is_none_is_refused_by_name(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 12)
    published(site)
    assert "as NAME=VALUE, not epochs" in signed_in.run("runs", "start", "Everything@1", "--set", "epochs", code=2)
    said = signed_in.run("runs", "start", "Everything@1", "--set", "colour=red", code=1)
    assert "colour" in said
    with site.sessions() as session:
        assert session.scalars(select(Run)).all() == []
