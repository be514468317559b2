"""What the tests of reports stand on: a run that is done, with the report that it left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from app.training.models import Run
from tests.cast import Cast
from tests.training.made import a_report, done, started

Reported = Callable[..., Run]


@pytest.fixture
def queued(cast: Cast, first_version: Version) -> int:
    """The id of a run that the admin has just started."""
    return started(cast.admin, first_version)


@pytest.fixture
def reported(queued: int, session: Session, storage: Storage, tmp_path: Path) -> Reported:
    """Brings the run to its end with a report; any part of it may be named."""

    def ending(**parts: Any) -> Run:
        return done(session, storage, queued, tmp_path / "model", a_report(**parts))

    return ending
