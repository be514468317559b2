"""The people of the tests: each a browser in which somebody is signed in."""

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for, open_sign_in
from app.projects.models import Project
from tests import factories


class Client(TestClient):
    """A browser: sends what a browser sends with a form of our own page, follows no redirect unless told."""

    def __init__(self, app: FastAPI, user: User | None = None, session: Session | None = None) -> None:
        super().__init__(app, raise_server_exceptions=True, follow_redirects=False)
        self.headers["Sec-Fetch-Site"] = "same-origin"
        self.user = user
        self.session = session
        if user is not None and session is not None:
            self.cookies.set(app.state.settings.cookie_name, open_sign_in(session, user))
            session.commit()

    @property
    def actor(self) -> Actor:
        """This person as verbs know them."""
        assert self.user
        assert self.session
        return actor_for(self.session, self.user)

    def api(self, method: str, path: str, **json: Any) -> Any:
        """A JSON request: `cast.author.api("POST", "/api/v1/…", text="…")`."""
        return self.request(method, path, json=json or None)


@dataclass(frozen=True)
class Cast:
    """Two projects and who is in them."""

    project: Project
    other_project: Project
    author: Client
    second_author: Client
    reviewer: Client
    second_reviewer: Client
    admin: Client
    outsider: Client
    operator: Client
    visitor: Client


def make_cast(app: FastAPI, session: Session) -> Cast:
    """Everybody, signed in where they have an account."""
    people = {
        name: factories.user(session, name) for name in ("Ann Author", "Ben Author", "Rae Reviewer", "Rob Reviewer")
    }
    admin, outsider = factories.user(session, "Ada Admin"), factories.user(session, "Olga Outsider")
    operator = factories.user(session, "Otto Operator", is_admin=True)
    project = factories.project(session, admin)
    other = factories.project(session, outsider, "Another project")
    for name, person in people.items():
        factories.member(session, project, person, Role.ANNOTATOR if "Author" in name else Role.REVIEWER)
    session.commit()
    ann, ben, rae, rob = (Client(app, person, session) for person in people.values())
    return Cast(
        project=project,
        other_project=other,
        author=ann,
        second_author=ben,
        reviewer=rae,
        second_reviewer=rob,
        admin=Client(app, admin, session),
        outsider=Client(app, outsider, session),
        operator=Client(app, operator, session),
        visitor=Client(app),
    )
