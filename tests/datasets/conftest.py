"""What the tests of datasets stand on: versions, made in a line."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from tests.cast import Cast
from tests.datasets.made import published


@pytest.fixture
def version(first_version: Version) -> Version:
    """A published version of twenty rows."""
    return first_version


@pytest.fixture
def publish(cast: Cast, session: Session, storage: Storage) -> Callable[[], Version]:
    """Publishes the next version of the dataset `Everything`, through the door and the job."""
    return lambda: published(cast, session)
