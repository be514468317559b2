"""What the tests of preferences begin with: sets of imported pairs, and people who judge them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.preferences.making.filling import fill
from app.preferences.models import ComparedResponse, Comparison, ComparisonSet
from app.projects.consents import accept
from app.projects.service import change_settings
from app.prompts.models import Prompt
from tests.cast import Cast, Client
from tests.jobs import do_jobs

MakeSet = Callable[..., ComparisonSet]


def pair(number: int = 1, **more: Any) -> dict[str, Any]:
    """A pair as the API takes it: a prompt of its own, a good answer and a bad one of the same length."""
    asked = {
        "prompt": f"What is {number} and {number}?",
        "chosen": f"It is {number} good.",
        "rejected": f"It is {number} bad!.",
    }
    return asked | {"source": "ours", "licence": "MIT", "language": "en"} | more


@pytest.fixture
def make_set(cast: Cast, session: Session) -> MakeSet:
    """Make a set by the JSON door: `make_set(pair(1), pair(2), opinions=2)`; without checks unless asked for."""

    def made(*pairs: dict[str, Any], **given: Any) -> ComparisonSet:
        wish = {"name": f"Set {len(pairs)} {sorted(given)}", "check_every": 0, "pairs": list(pairs)} | given
        answer = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/comparison-sets", **wish)
        assert answer.status_code == 201, answer.text
        fill(session, answer.json()["id"])
        session.commit()
        return session.get_one(ComparisonSet, answer.json()["id"], populate_existing=True)

    return made


def took(client: Client, project_id: int) -> Any:
    """The pair that is laid before this person by the JSON door, or None."""
    answer = client.api("POST", f"/api/v1/projects/{project_id}/compare/next")
    assert answer.status_code == 200, answer.text
    return answer.json()["comparison"]


def consented(cast: Cast, session: Session, *prompt_ids: int) -> None:
    """The second author has accepted what the project asks, and proposed these prompts."""
    change_settings(session, cast.admin.actor, cast.project.id, consent_text="Mine.")
    accept(session, cast.second_author.actor, cast.project.id)
    theirs = update(Prompt).where(Prompt.id.in_(prompt_ids))
    session.execute(theirs.values(author_id=cast.second_author.actor.user_id, imported=False))
    session.commit()


def took_consent_back(cast: Cast, session: Session) -> None:
    """The second author takes their consent back, and the job has done its work."""
    assert cast.second_author.api("POST", f"/api/v1/projects/{cast.project.id}/consent/take-back").status_code == 202
    do_jobs(session)


def judged(client: Client, comparison: Any, choice: str = "left", **more: Any) -> Any:
    """What the door says to a judgement."""
    return client.api("POST", f"/api/v1/comparisons/{comparison['id']}", choice=choice, **more)


def side_of(comparison: Any, word: str) -> str:
    """On which side the response lies that holds this word."""
    return "left" if word in comparison["left"][-1]["content"] else "right"


def source_on_the_left(session: Session, comparison: Any) -> str:
    """Which source the response on the left has: nobody who judges is told."""
    found = select(ComparedResponse.source).join(Comparison, Comparison.left_id == ComparedResponse.id)
    return session.scalars(found.where(Comparison.id == comparison["id"])).one()
