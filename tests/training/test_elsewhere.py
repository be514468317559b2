"""The command on a run's page carries the run out wherever its folder was copied to, without a site or a database."""

import html
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.training.base_models import HERE
from app.training.elsewhere import elsewhere
from app.training.models import Run
from app.training.worker.events import read_events
from tests.cast import Cast
from tests.training.worker.runs import TINY, fill

ROOT = Path(__file__).parents[2]


def test_the_page_says_what_to_copy_and_prints_the_command(
    cast: Cast, queued: int, session: Session, settings: Settings
) -> None:
    page = cast.admin.get(f"/runs/{queued}").text
    here = elsewhere(session.get_one(Run, queued), settings)
    [command] = re.findall(r'aria-label="Command">(.*?)</div>', page)
    assert html.unescape(command) == here.command == f"python -m app.training.worker {here.folder.name}"
    assert f"<code>{here.folder}</code>" in page
    for name in here.began_with:
        assert f"<code>{name}</code>" in page
    assert "without the file <code>stop</code>" in page


def test_the_script_for_slurm_ends_as_the_worker_did_after_slurms_signal(tmp_path: Path) -> None:
    """A stand-in for the worker, which stops when asked, as the real one does; the script is the one of the docs."""
    [script] = re.findall(
        r"```\n(#!/bin/bash\n#SBATCH.*?)```", (ROOT / "docs" / "clusters.md").read_text("utf-8"), re.DOTALL
    )
    worker = tmp_path / "worker"
    worker.write_text('#!/bin/sh\necho begun\nuntil [ -e "$3/stop" ]; do sleep 0.05; done\nexit 3\n', "utf-8")
    worker.chmod(0o700)
    script = script.replace("/shared/penset/.venv/bin/python", str(worker))
    (tmp_path / "stop").touch()
    environment = os.environ | {"RUN_DIR": str(tmp_path)}
    with subprocess.Popen(["bash", "-c", script], env=environment, stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout
        assert job.stdout.readline() == "begun\n"
        assert not (tmp_path / "stop").exists(), "what a stop of before left"
        job.send_signal(signal.SIGUSR1)
        assert job.wait(60) == 3


@pytest.mark.training
def test_the_command_carries_a_copied_run_out_in_a_clean_environment(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "site")
    here = elsewhere(Run(base_model="own", folder="run-3-ab"), settings)
    assert here.model
    plan = replace(TINY, base_model="own", models_root=str(settings.models_root), max_steps=1, measure_rows=1)

    site = fill(here.folder, plan)
    for left in ("stop", "events.jsonl", "before.json", "began.json"):  # as of a run that was stopped
        (site / left).write_text("{}\n", "utf-8")
    desk = tmp_path / "desk"  # another machine: what the page names is copied there, and nothing else
    (desk / site.name).mkdir(parents=True)
    for name in here.began_with:
        if (site / name).exists():
            shutil.copy(site / name, desk / site.name)
    (desk / "models" / here.model.name).mkdir(parents=True)
    for path in (HERE / "tiny").glob("*.*"):
        (desk / "models" / here.model.name / path.name).write_bytes(path.read_bytes())
    python, *words = shlex.split(here.command)
    assert python == "python"
    done = subprocess.run(
        [sys.executable, *words], cwd=desk, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert read_events(desk / here.folder.name / "events.jsonl").events[-1]["kind"] == "done"
    assert (desk / here.folder.name / "model/model.safetensors").is_file()
