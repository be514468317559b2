"""What the tests of prompts begin with: a prompt that the author has proposed, and forms as a browser sends them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.prompts import service
from app.prompts.models import Prompt
from tests import factories
from tests.cast import Cast, Client

Form = Callable[..., Any]


@pytest.fixture
def proposal(cast: Cast, session: Session) -> Prompt:
    """A prompt that waits for a decision."""
    prompt = service.propose(session, cast.author.actor, cast.project.id, messages=factories.asked("Why is it dark?"))
    session.commit()
    return prompt


@pytest.fixture
def system_allowed(cast: Cast, session: Session) -> None:
    """The project lets prompts begin with a system message."""
    session.get_one(Project, cast.project.id).allow_system = True
    session.commit()


@pytest.fixture
def proposed(proposal: Prompt) -> str:
    """Its address."""
    return f"/prompts/{proposal.id}"


@pytest.fixture
def form() -> Form:
    """Send a form as its page draws it: `form(cast.reviewer, path, reason="…")`."""

    def send(client: Client, path: str, **fields: Any) -> Any:
        assert client.user
        return client.post(path, data={"user_id": client.user.id} | fields)

    return send
