"""By the JSON door a pair is handed in with one request."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.prompts.models import Prompt
from tests import factories
from tests.cast import Cast
from tests.writing import work

PAIR: dict[str, Any] = {
    "prompt_messages": factories.asked("Suggest a coding assistant tool"),
    "messages": factories.answered("Try out Cursor"),
}


def pairs(cast: Cast) -> str:
    """The address of a project's pairs."""
    return f"/api/v1/projects/{cast.project.id}/pairs"


def test_a_pair_is_a_submission_that_waits_for_review(cast: Cast) -> None:
    answer = cast.author.api("POST", pairs(cast), **PAIR)
    assert (answer.status_code, answer.json()["status"]) == (201, "submitted")
    [revision] = answer.json()["revisions"]
    assert (revision["prompt_messages"], revision["messages"]) == (PAIR["prompt_messages"], PAIR["messages"])


def test_an_earlier_conversation_may_come_before_the_question(cast: Cast, session: Session) -> None:
    session.get_one(Project, cast.project.id).allow_system = True
    session.commit()
    longer = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "I write Rust."},
        {"role": "assistant", "content": "A fine language."},
        *factories.asked("Suggest a coding assistant tool"),
    ]
    answer = cast.author.api("POST", pairs(cast), **(PAIR | {"prompt_messages": longer}))
    assert answer.json()["revisions"][0]["prompt_messages"] == longer


def test_an_empty_pair_that_stands_open_on_a_page_is_left_alone(cast: Cast) -> None:
    page = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    cast.author.api("POST", pairs(cast), **PAIR)
    assert cast.author.get(page).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"prompt_messages": []}, "/prompt_messages"),
        ({"prompt_messages": factories.answered("no question")}, "/prompt_messages/0/role"),
        ({"prompt_messages": factories.asked(" \u200b")}, "/prompt_messages/0/content"),
        ({"messages": factories.answered("")}, "/messages/0/content"),
        ({"messages": factories.asked("no answer")}, "/messages/0/role"),
        ({"category_id": 999_999_999}, "/category_id"),
        ({"author_id": 1}, "/author_id"),
        ({"status": "approved"}, "/status"),
    ],
)
def test_what_is_no_pair_is_refused_with_its_place_and_nothing_is_written(
    cast: Cast, session: Session, change: dict[str, Any], pointer: str
) -> None:
    # S49
    answer = cast.author.api("POST", pairs(cast), **(PAIR | change))
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not session.scalars(select(Prompt)).all()


def test_to_an_outsider_the_project_does_not_exist(cast: Cast) -> None:
    assert cast.outsider.api("POST", pairs(cast), **PAIR).status_code == 404
