"""What a program may do with prompts and projects: what its token's scopes say, and never more than its owner."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.tokens import create_token
from app.prompts.models import Prompt
from tests.cast import Cast, Client


def token(session: Session, owner: Client, *scopes: str, project_id: int | None = None) -> dict[str, str]:
    """The header of a new token."""
    _, secret = create_token(session, owner.actor, name="Script", scopes=list(scopes), days=1, project_id=project_id)
    session.commit()
    return {"authorization": f"Bearer {secret}"}


def test_a_token_reads_and_proposes_as_its_scopes_say(cast: Cast, session: Session, proposal: Prompt) -> None:  # S59
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    reads, writes = token(session, cast.author, "prompts:read"), token(session, cast.author, "prompts:write")
    assert cast.visitor.get(path, headers=reads).json()["prompts"][0]["id"] == proposal.id
    assert cast.visitor.post(path, headers=reads, json={"prompt": "Why?"}).status_code == 403
    assert cast.visitor.post(path, headers=writes, json={"prompt": "Why?"}).status_code == 201
    assert cast.visitor.get(path, headers=writes).status_code == 403


def test_a_token_does_no_more_than_its_owner_may(cast: Cast, session: Session) -> None:  # S59
    path = f"/api/v1/projects/{cast.project.id}/prompts/import"
    kind = {"content-type": "application/x-ndjson"}
    for owner, status in ((cast.author, 403), (cast.outsider, 404), (cast.admin, 200)):
        headers = token(session, owner, "prompts:write") | kind
        assert cast.visitor.post(path, headers=headers, content=b'{"prompt":"Why?"}').status_code == status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/prompts/{prompt}/approve", None),
        ("POST", "/prompts/{prompt}/reject", {"reason": "No"}),
        ("POST", "/projects", {"name": "Mine"}),
        ("PATCH", "/projects/{project}", {"lease_minutes": 5}),
        ("POST", "/projects/{project}/guidelines", {"text": "Mine"}),
        ("POST", "/projects/{project}/categories", {"name": "Mine"}),
        ("POST", "/projects/{project}/members", {"email": "a@example.org", "name": "A", "role": "admin"}),
        ("PUT", "/projects/{project}/members/{person}", {"role": "admin"}),
        ("DELETE", "/projects/{project}/members/{person}", None),
    ],
)
def test_what_a_person_decides_no_token_does(
    cast: Cast, session: Session, proposal: Prompt, method: str, path: str, body: Any
) -> None:  # S59
    assert cast.author.user
    address = path.format(prompt=proposal.id, project=cast.project.id, person=cast.author.user.id)
    headers = token(session, cast.admin, "projects:read", "prompts:read", "prompts:write")
    assert cast.visitor.request(method, f"/api/v1{address}", headers=headers, json=body).status_code == 403


def test_a_token_of_one_project_sees_no_other(cast: Cast, session: Session) -> None:  # S58
    headers = token(session, cast.author, "projects:read", project_id=cast.project.id)
    listed = cast.visitor.get("/api/v1/projects", headers=headers).json()["projects"]
    assert [project["id"] for project in listed] == [cast.project.id]
