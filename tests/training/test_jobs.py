"""The trainer's job, for real: a run goes from its start to a report, fails with a reason, keeps to its plan."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.core.jobs import leaving
from app.core.settings import Settings
from app.datasets.models import Version
from app.prompts.turns import has_turns
from app.training.models import Run
from app.training.worker.inputs import OPEN
from tests.cast import Cast
from tests.jobs import do_jobs
from tests.training.made import started
from tests.writing import work

pytestmark = pytest.mark.training
SMALL = {"epochs": 1, "batch_size": 8, "measure_rows": 4}


@pytest.fixture(autouse=True)
def _loaded(settings: Settings, loaded_python: str) -> None:
    """Runs begin at once."""
    settings.python = loaded_python


def folder_of(session: Session, settings: Settings, run_id: int) -> Path:
    """Where the run's worker works."""
    return settings.runs_root / session.get_one(Run, run_id).folder


def test_a_run_whose_trainer_has_to_end_goes_on_with_the_next_one_to_events_a_model_and_a_report(  # R17
    cast: Cast, version: Version, session: Session, settings: Settings
) -> None:
    asked = [work.ask(session, cast, text).id for text in ("Who was Ada Lovelace?", "Why do cats purr?")]
    run_id = started(cast.admin, version, **SMALL)
    leaving.set()
    try:
        do_jobs(session, most=1)
    finally:
        leaving.clear()
    assert cast.reviewer.get(f"/api/v1/runs/{run_id}").json()["status"] == "queued"
    assert do_jobs(session) == ["training.train"]
    told = cast.reviewer.get(f"/api/v1/runs/{run_id}").json()
    assert (told["status"], told["failure"]) == ("done", "")
    kinds = [event["kind"] for event in cast.reviewer.get(f"/api/v1/runs/{run_id}/events").json()["events"]]
    assert kinds[-1] == "done"
    assert {"started", "before", "step", "evaluation", "checkpoint", "after", "sample"} <= set(kinds)
    written = json.loads((folder_of(session, settings, run_id) / "report.json").read_text("utf-8"))
    assert cast.reviewer.get(f"/api/v1/runs/{run_id}/report").json() == written
    names = {one["name"] for one in cast.reviewer.get(f"/api/v1/runs/{run_id}/model").json()["files"]}
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= names
    assert "Side by side" in cast.reviewer.get(f"/runs/{run_id}/report").text
    ordered = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/first").json()
    assert (ordered["run_id"], {one["prompt_id"] for one in ordered["prompts"]}) == (run_id, set(asked))
    assert has_turns(session, cast.project.id)
    assert not (folder_of(session, settings, run_id) / OPEN).exists()  # what nobody answered does not stay with a run


def test_a_run_that_cannot_be_says_why_be_it_its_rows_an_edited_plan_or_a_cluster_that_is_not_there(
    cast: Cast, version: Version, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = started(cast.admin, version, **SMALL, max_length=5)
    do_jobs(session)
    told = cast.reviewer.get(f"/api/v1/runs/{run_id}").json()
    assert told["status"] == "failed"
    assert told["failure"] == "There is no row to train on. All rows are longer than max_length: raise it."
    assert told["failure"] in cast.admin.get(f"/runs/{run_id}").text
    assert cast.reviewer.get(f"/api/v1/runs/{run_id}/model").json() == {"files": []}
    plan = folder_of(session, settings, run_id) / "plan.json"
    as_it_was = plan.read_text("utf-8")
    for edited in (as_it_was.replace('"max_length": 5,', '"max_length": 500,'), "{"):
        plan.write_text(edited, "utf-8")
        assert cast.admin.post(f"/runs/{run_id}/resume").status_code == 303
        do_jobs(session)
        told = cast.reviewer.get(f"/api/v1/runs/{run_id}").json()
        assert told["status"] == "failed"
        assert told["failure"].startswith("The run's plan.json was changed since the run was started")
    plan.write_text(as_it_was, "utf-8")
    monkeypatch.setattr(settings, "training_on", "ray")
    monkeypatch.setattr(settings, "ray_url", "http://127.0.0.1:1")
    cast.admin.post(f"/runs/{run_id}/resume")
    do_jobs(session)
    told = cast.reviewer.get(f"/api/v1/runs/{run_id}").json()
    assert (told["status"], told["failure"][:50]) == ("failed", "There is no Ray cluster at http://127.0.0.1:1 (Con")
    assert not (folder_of(session, settings, run_id) / OPEN).exists()
