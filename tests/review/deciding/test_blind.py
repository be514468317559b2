"""Until both opinions are in, no door tells one reviewer of the other's, not even an administrator who reviews."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.signpost import every_route
from app.projects.models import Project
from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided
from tests.review.deciding.test_opinions import plain


@pytest.fixture(autouse=True)
def _two_are_asked_for(cast: Cast, session: Session) -> None:
    """The project of these tests wants two opinions."""
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()


def doors(app: FastAPI, cast: Cast, submission: Submission) -> list[str]:
    """Every address that is of this project, of this submission or of its prompt, what one finds, and one's own."""
    known = {
        "project_id": cast.project.id, "submission_id": submission.id, "prompt_id": submission.prompt_id,
        "category_id": submission.category_id or 0,
    }  # fmt: skip
    paths = [str(one.path) for one in every_route(app) if "GET" in (one.methods or ())]
    named = {path: {*re.findall(r"{(\w+)", path)} for path in paths}
    asked = [path for path, names in named.items() if names and names <= {*known}]
    found = [f"/search?kind=submissions&project={cast.project.id}", "/search?q=scatters"]
    own = ["/", "/notices", "/projects", "/my/submissions", *found, *(f"/api/v1{one}" for one in found)]
    return [*own, *(re.sub(r"{(\w+)[^}]*}", lambda found: str(known[found[1]]), path) for path in asked)]


def seen(client: Client, paths: list[str]) -> dict[str, str]:
    """What each address says, without what differs between any two requests."""
    told = {}
    for path in paths:
        answer = client.get(path)
        words = re.sub(r"[0-9a-f]{16,}", "", plain(answer.text))
        told[path] = f"{answer.status_code} {answer.headers.get('etag')} {words}"
    return told


def test_no_door_tells_of_the_first_opinion_who_is_yet_to_give_theirs(
    app: FastAPI, cast: Cast, hand_in: HandIn, waiting: Submission
) -> None:
    other = hand_in(cast.second_author)
    comment = {"revision": 1, "quote": "scatters", "body": "Does it?"}
    for who in (cast.reviewer, cast.admin):  # the log has all kinds of acts already
        assert who.api("POST", f"/api/v1/submissions/{other.id}/comments", **comment).status_code == 201
        assert decided(who, other).status_code == 201
    paths = doors(app, cast, waiting)
    assert len(paths) > 40
    before = seen(cast.admin, paths)
    assert cast.reviewer.api("POST", f"/api/v1/submissions/{waiting.id}/comments", **comment).status_code == 201
    assert decided(cast.reviewer, waiting, "rejected", note="Copied from a book").status_code == 201
    after = seen(cast.admin, paths)
    assert [path for path in paths if after[path] != before[path]] == []


def test_the_audit_log_tells_it_once_their_own_is_given_and_others_at_once(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    given = f"/api/v1/projects/{cast.project.id}/audit?action=review.opinion_given"
    assert decided(cast.reviewer, waiting).status_code == 201
    assert cast.admin.get(given).json()["acts"] == []
    assert "Rae Reviewer</bdi>" not in cast.admin.get(given.replace("/api/v1", "")).text
    whole = cast.operator.get("/api/v1/audit?action=review.opinion_given").json()["acts"]
    assert [one["who"] for one in whole] == ["Rae Reviewer"], "who has no part in it sees all"
    assert decided(cast.admin, waiting, "rejected", note="No.").status_code == 201
    assert [one["who"] for one in cast.admin.get(given).json()["acts"]] == ["Ada Admin", "Rae Reviewer"]
