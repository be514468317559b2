"""What review's tests begin with: a response of the author's that waits for a decision."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.prompts.models import PromptStatus
from app.review.desk.sheets import seal
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast, Client

HandIn = Callable[..., Submission]
RATINGS = {"helpful": 4, "correct": 5}


@pytest.fixture
def hand_in(cast: Cast, session: Session) -> HandIn:
    """Hand in a response to a prompt of its own: `hand_in(cast.author, "first", "second", asked="…")`."""

    def handed_in(who: Client, *contents: str, asked: str = "Why is the sky blue?", **values: Any) -> Submission:
        assert cast.admin.user
        assert who.user
        prompt = factories.prompt(session, cast.project, cast.admin.user, asked, status=PromptStatus.APPROVED, **values)
        made = factories.submission(session, prompt, who.user, *contents)
        session.commit()
        return made

    return handed_in


@pytest.fixture
def waiting(cast: Cast, hand_in: HandIn) -> Submission:
    """One response of the author's."""
    return hand_in(cast.author)


def decided(client: Client, submission: Submission, decision: str = "approved", **values: Any) -> Any:
    """A decision by the JSON door, with every criterion rated."""
    given = {"revision": submission.current_revision, "ratings": RATINGS, "note": ""} | values
    return client.api("POST", f"/api/v1/submissions/{submission.id}/reviews", decision=decision, **given)


def posted(client: Client, submission: Submission, decision: str = "approved", **values: Any) -> Any:
    """A decision by the page's form, with every criterion rated."""
    assert client.user
    rated = {"rating-helpful": 4, "rating-correct": 5, "note": ""}
    given = {"user_id": client.user.id, "revision": submission.current_revision} | rated | values
    return client.post(f"/sheets/{sheet_of(client, submission)}/decision", data={"decision": decision} | given)


def sheet_of(client: Client, submission: Submission) -> str:
    """What stands for the submission in the addresses of a reviewer's desk."""
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    return seal(settings.signing_keys, submission.id)


def took(client: Client, project_id: int, **values: Any) -> Any:
    """The press of "Take the next one"."""
    assert client.user
    return client.post(f"/projects/{project_id}/review/next", data={"user_id": client.user.id} | values)


def heard(session: Session) -> list[str]:
    """What is asked of the database from now on, but for the savepoints that stand for a test's transactions."""
    asked: list[str] = []
    event.listen(
        session.get_bind(),
        "before_cursor_execute",
        lambda *args: None if "SAVEPOINT" in args[2] else asked.append(args[2]),
    )
    return asked
