"""What a program may do in review with a token: read decisions, and nothing else."""

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.accounts.tokens import create_token
from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.review.conftest import RATINGS, decided


def bearer(app: FastAPI, session: Session, owner: Client, *scopes: str) -> Client:
    """A program with a token of this person's."""
    _, secret = create_token(session, owner.actor, name="Script", scopes=list(scopes), days=1)
    session.commit()
    program = Client(app)
    program.headers["Authorization"] = f"Bearer {secret}"
    return program


def test_a_token_with_the_scope_reads_decisions(
    cast: Cast, waiting: Submission, app: FastAPI, session: Session
) -> None:
    decided(cast.reviewer, waiting)
    path = f"/api/v1/projects/{cast.project.id}/reviews"
    assert len(bearer(app, session, cast.admin, "reviews:read").get(path).json()["reviews"]) == 1
    without = bearer(app, session, cast.admin, "datasets:read").get(path)
    assert (without.status_code, without.json()["type"]) == (403, "/errors/accounts.scope_missing")  # S59
    assert bearer(app, session, cast.author, "reviews:read").get(path).status_code == 403
    assert bearer(app, session, cast.outsider, "reviews:read").get(path).status_code == 404


@pytest.mark.parametrize("scope", ["reviews:read", "submissions:read", "prompts:write"])
def test_no_token_decides_takes_or_skips(
    cast: Cast, waiting: Submission, app: FastAPI, session: Session, scope: str
) -> None:
    program = bearer(app, session, cast.reviewer, scope)
    given = {"decision": "approved", "revision": 1, "ratings": RATINGS, "note": ""}
    for path in (f"submissions/{waiting.id}/reviews", f"submissions/{waiting.id}/skip"):
        assert program.post(f"/api/v1/{path}", json=given if "reviews" in path else None).status_code == 403  # S59
    assert program.post(f"/api/v1/projects/{cast.project.id}/review/next").status_code == 403
    for page in (f"/projects/{cast.project.id}/review", f"/submissions/{waiting.id}", "/"):
        assert program.get(page).status_code == 403
