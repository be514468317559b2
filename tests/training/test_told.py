"""Who started a run is told that it is done or has failed; of one that was stopped nobody is."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from app.training import service
from app.training.models import RunStatus
from tests.cast import Cast
from tests.notices import told
from tests.training.made import began, done, failed, started


def test_who_started_a_run_hears_how_it_ended(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, version: Version
) -> None:
    done(session, storage, started(cast.admin, version), tmp_path / "model")
    failed(session, started(cast.admin, version), "Out of memory.")
    stopped = began(session, started(cast.admin, version))
    service.settle(session, stopped.id, RunStatus.STOPPED)
    assert told(session, cast.admin) == ["version_published", "run_done", "run_failed"]
    assert "run_done" not in told(session, cast.reviewer)
    assert "Run 1 is done." in cast.admin.get("/notices").text
