"""What the tests of runs stand on: a published version, and a run that waits for a trainer."""

import pytest
from sqlalchemy.orm import Session

from app.datasets.models import Version
from tests.cast import Cast
from tests.training.made import started, version_of


@pytest.fixture
def version(cast: Cast, session: Session) -> Version:
    """A published version of twenty rows."""
    return version_of(cast, session)


@pytest.fixture
def queued(cast: Cast, version: Version) -> int:
    """The id of a run that the admin has just started."""
    return started(cast.admin, version)
