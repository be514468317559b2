"""What a program may do with runs: what the scopes of its token say, and no more than its owner."""

from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from tests.cast import Cast
from tests.review.test_tokens import bearer
from tests.training.made import done, started


def test_a_reading_token_reads_runs_events_model_and_report_and_starts_nothing(  # S59
    cast: Cast, queued: int, version: Version, app: FastAPI, session: Session, storage: Storage, tmp_path: Path
) -> None:
    done(session, storage, queued, tmp_path / "model")
    reader = bearer(app, session, cast.admin, "runs:read")
    run = f"/api/v1/runs/{queued}"
    for address in (
        run, f"{run}/events", f"{run}/model", f"{run}/model/config.json", f"{run}/report",
        f"/api/v1/projects/{cast.project.id}/runs",
    ):  # fmt: skip
        assert reader.get(address).status_code == 200, address
    for refused in (
        reader.api("POST", f"/api/v1/versions/{version.id}/runs", base_model="tiny"),
        reader.post(f"{run}/stop"),
        reader.post(f"{run}/resume"),
    ):
        assert (refused.status_code, refused.json()["type"]) == (403, "/errors/accounts.scope_missing")


def test_a_writing_token_starts_and_stops_and_reads_nothing(  # S59
    cast: Cast, version: Version, app: FastAPI, session: Session
) -> None:
    writer = bearer(app, session, cast.admin, "runs:write")
    run_id = started(writer, version)
    assert writer.post(f"/api/v1/runs/{run_id}/stop").json()["status"] == "stopping"
    for address in (f"/api/v1/runs/{run_id}", f"/api/v1/runs/{run_id}/events", f"/api/v1/runs/{run_id}/report"):
        assert writer.get(address).status_code == 403


def test_a_token_can_do_no_more_than_its_owner(  # S59
    cast: Cast, queued: int, version: Version, app: FastAPI, session: Session
) -> None:
    for owner, reads, starts in ((cast.reviewer, 200, 403), (cast.author, 404, 404), (cast.outsider, 404, 404)):
        assert bearer(app, session, owner, "runs:read").get(f"/api/v1/runs/{queued}").status_code == reads
        writer = bearer(app, session, owner, "runs:write")
        answer = writer.api("POST", f"/api/v1/versions/{version.id}/runs", base_model="tiny")
        assert answer.status_code == starts


def test_no_token_opens_a_page_or_the_list_of_models(cast: Cast, queued: int, app: FastAPI, session: Session) -> None:
    program = bearer(app, session, cast.admin, "runs:read", "runs:write")
    for address in (f"/runs/{queued}", f"/runs/{queued}/live", f"/projects/{cast.project.id}/runs", "/api/v1/models"):
        assert program.get(address).status_code == 403, address
