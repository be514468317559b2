"""What a writer does, in one call each, by the doors of the site."""

from typing import Any

from sqlalchemy.orm import Session

from app.prompts.models import Prompt, PromptStatus
from tests import factories
from tests.cast import Cast, Client


def ask(session: Session, cast: Cast, content: str = "Why is the sky blue?", **values: Any) -> Prompt:
    """An approved prompt of the admin's, with open slots."""
    assert cast.admin.user
    values = {"status": PromptStatus.APPROVED} | values
    prompt = factories.prompt(session, cast.project, cast.admin.user, content, **values)
    session.commit()
    return prompt


def me(client: Client) -> int:
    """Whose browser this is."""
    assert client.user
    return client.user.id


def take(client: Client, cast: Cast, **wish: int) -> int:
    """Take the next prompt: the assignment's id."""
    answer = client.api("POST", f"/api/v1/projects/{cast.project.id}/assignments", **wish)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def turns(*contents: str) -> list[dict[str, str]]:
    """Turns of a response: assistant, user, assistant, …"""
    return [{"role": "user" if at % 2 else "assistant", "content": text} for at, text in enumerate(contents)]


def save(client: Client, assignment_id: int, *contents: str, revision: int = 0, **more: Any) -> Any:
    """What the page sends a second after the last key."""
    body = {"messages": turns(*contents), "prompt": None, "revision": revision, "user_id": me(client)} | more
    return client.api("PUT", f"/api/v1/assignments/{assignment_id}/draft", **body)


def stored(client: Client, assignment_id: int) -> dict[str, Any]:
    """The draft as it is stored."""
    answer = client.get(f"/api/v1/assignments/{assignment_id}/draft")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def hand_in(client: Client, assignment_id: int, revision: int, **headers: str) -> Any:
    """Hand in by the JSON door."""
    address = f"/api/v1/assignments/{assignment_id}/hand-in"
    return client.post(address, json={"draft_revision": revision}, headers=headers)


def written(client: Client, cast: Cast, *contents: str) -> dict[str, Any]:
    """Take a prompt, write and hand in: the submission."""
    assignment_id = take(client, cast)
    saved = save(client, assignment_id, *contents)
    answer = hand_in(client, assignment_id, saved.json()["revision"])
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def post(client: Client, address: str, **form: Any) -> Any:
    """Press a button of a page that was drawn for this person."""
    return client.post(address, data={"user_id": me(client)} | form)
