"""What the tests of runs stand on: a published version, and a run that waits for a trainer."""

import pytest

from app.datasets.models import Version
from tests.cast import Cast
from tests.training.made import started


@pytest.fixture
def version(first_version: Version) -> Version:
    """A published version of twenty rows."""
    return first_version


@pytest.fixture
def queued(cast: Cast, version: Version) -> int:
    """The id of a run that the admin has just started."""
    return started(cast.admin, version)
