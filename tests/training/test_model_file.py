"""The model of a finished run: streamed, whole or in one part, never rendered, to whom runs are open."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.storage import Storage
from app.datasets.models import Version
from app.training.artefacts import keep_model, model_key
from app.training.models import Run
from app.training.worker.folder import write_sums
from tests.cast import Cast
from tests.training.made import WEIGHTS, done, started

DOORS = ("", "/api/v1")


@pytest.fixture
def run(queued: int, session: Session, storage: Storage, tmp_path: Path) -> Run:
    """A run that is done."""
    return done(session, storage, queued, tmp_path / "model")


def test_the_api_lists_the_files_with_their_sizes(cast: Cast, run: Run) -> None:
    files = cast.reviewer.get(f"/api/v1/runs/{run.id}/model").json()["files"]
    assert files == [
        {"name": "config.json", "bytes": 20, "sha256": None},  # stored by a Penset that wrote no hashes
        {"name": "model.safetensors", "bytes": len(WEIGHTS), "sha256": None},
    ]


def test_a_file_whose_hash_the_worker_wrote_is_listed_and_marked_by_it(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/README.md").write_text("# A model", "utf-8")
    write_sums(tmp_path / "other")
    run = session.get_one(Run, queued)
    keep_model(storage, run, tmp_path / "other")
    done(session, storage, queued, tmp_path / "model")
    files = {one["name"]: one for one in cast.reviewer.get(f"/api/v1/runs/{run.id}/model").json()["files"]}
    digest = sha256(b"# A model").hexdigest()
    assert files["README.md"] == {"name": "README.md", "bytes": 9, "sha256": digest}
    assert files["sha256sums"]["sha256"] == sha256((tmp_path / "other/sha256sums").read_bytes()).hexdigest()
    answer = cast.reviewer.get(
        f"/api/v1/runs/{run.id}/model/README.md", headers={"Range": "bytes=2-", "If-Range": f'"{digest}"'}
    )
    assert (answer.status_code, answer.content) == (206, b"A model")


def test_a_run_that_is_not_done_has_no_model(cast: Cast, queued: int) -> None:
    assert cast.reviewer.get(f"/api/v1/runs/{queued}/model").json() == {"files": []}
    answer = cast.reviewer.get(f"/api/v1/runs/{queued}/model/model.safetensors")
    assert (answer.status_code, answer.json()["type"]) == (404, "/errors/training.no_such_file")


@pytest.mark.parametrize("door", DOORS)
def test_a_file_comes_whole_and_is_never_rendered(cast: Cast, run: Run, door: str) -> None:  # S75
    answer = cast.reviewer.get(f"{door}/runs/{run.id}/model/model.safetensors")
    assert (answer.status_code, answer.content) == (200, WEIGHTS)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="model.safetensors"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-length"] == str(len(WEIGHTS))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_one_part_can_be_asked_for_and_nothing_else_is_believed(cast: Cast, run: Run) -> None:  # I27
    for wanted, status, part in (
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-99999999999", 206, slice(0, None)),
        ("bytes=9-3", 416, slice(0, 0)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=" + ",".join(f"{n}-{n + 1}" for n in range(10_000)), 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
    ):
        address = f"/api/v1/runs/{run.id}/model/model.safetensors"
        answer = cast.reviewer.get(address, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (status, WEIGHTS[part]), wanted[:24]
        assert answer.headers.get("content-length", "0") == str(len(WEIGHTS[part])), wanted[:24]


def test_a_download_that_broke_goes_on_where_it_was(cast: Cast, run: Run) -> None:
    address = f"/runs/{run.id}/model/model.safetensors"
    first = cast.reviewer.get(address, headers={"Range": "bytes=0-999"})
    rest = cast.reviewer.get(address, headers={"Range": "bytes=1000-", "If-Range": first.headers["etag"]})
    assert rest.headers["content-range"] == f"bytes 1000-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"
    assert first.content + rest.content == WEIGHTS
    assert cast.reviewer.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_files_of_two_runs_are_never_taken_for_each_other(
    cast: Cast, run: Run, version: Version, session: Session, storage: Storage, tmp_path: Path
) -> None:
    other = done(session, storage, started(cast.admin, version), tmp_path / "other")
    marks = {cast.reviewer.get(f"/runs/{one.id}/model/config.json").headers["etag"] for one in (run, other)}
    assert len(marks) == 2


@pytest.mark.parametrize("door", DOORS)
def test_only_a_name_of_the_models_own_is_a_file(cast: Cast, run: Run, door: str) -> None:  # S76
    for name in ("secret", "..%2f..%2fsecret", "%2e%2e", "MODEL.safetensors", "config.json%00", "a" * 300, ".parts"):
        assert cast.reviewer.get(f"{door}/runs/{run.id}/model/{name}").status_code in (404, 422), name


def test_a_file_that_is_gone_from_storage_is_no_file(cast: Cast, run: Run, storage: Storage) -> None:
    storage.delete(model_key(run, "model.safetensors"))
    assert cast.reviewer.get(f"/runs/{run.id}/model/model.safetensors").status_code == 404
    assert "model.safetensors" not in cast.reviewer.get(f"/runs/{run.id}").text


def test_who_took_which_file_is_written_down(cast: Cast, run: Run, session: Session) -> None:  # S98
    cast.reviewer.get(f"/runs/{run.id}/model/config.json")
    taken = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.downloaded")).one()
    assert cast.reviewer.user
    assert (taken.actor_id, taken.subject_id, taken.details) == (cast.reviewer.user.id, run.id, {"file": "config.json"})


def test_nobody_else_learns_that_there_is_a_model(cast: Cast, run: Run) -> None:
    for address in (f"/runs/{run.id}/model/config.json", f"/api/v1/runs/{run.id}/model/config.json"):
        assert cast.admin.get(address).status_code == 200
        for client in (cast.author, cast.outsider, cast.operator):
            assert client.get(address).status_code == 404
        assert cast.visitor.get(address).status_code in (303, 401)
    assert cast.author.get(f"/api/v1/runs/{run.id}/model").status_code == 404
