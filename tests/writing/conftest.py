"""What writing's tests begin with: an open prompt, and a writer who has taken it."""

import pytest
from sqlalchemy.orm import Session

from app.prompts.models import Prompt
from tests.cast import Cast
from tests.writing import work


@pytest.fixture
def asked(cast: Cast, session: Session) -> Prompt:
    """One approved prompt with one slot: "Why is the sky blue?"."""
    return work.ask(session, cast)


@pytest.fixture
def taken(cast: Cast, asked: Prompt) -> int:
    """The author's assignment on that prompt, nothing written yet."""
    return work.take(cast.author, cast)
