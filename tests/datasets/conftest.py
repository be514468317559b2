"""What the tests of datasets stand on: approved responses, and versions made of them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from tests.cast import Cast
from tests.datasets.made import approve, published


@pytest.fixture
def some_approved(cast: Cast, session: Session) -> Cast:
    """The cast of a project with twenty approved responses by two writers in two categories."""
    approve(session, cast, 20)
    return cast


@pytest.fixture
def publish(cast: Cast, session: Session, storage: Storage) -> Callable[[], Version]:
    """Publishes the next version of the dataset `Everything`, through the door and the job."""
    return lambda: published(cast, session)
