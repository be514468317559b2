"""The people of the tests: each a browser in which somebody is signed in."""

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.models import Role, SignIn, User
from app.accounts.sign_ins import actor_for, open_sign_in
from app.projects.models import Project
from tests import factories


class Client(TestClient):
    """A browser: sends what a browser sends with a form of our own page, follows no redirect unless told."""

    def __init__(
        self, app: FastAPI, user: User | None = None, session: Session | None = None, cookie: str = ""
    ) -> None:
        super().__init__(app, raise_server_exceptions=True, follow_redirects=False)
        self.headers["Sec-Fetch-Site"] = "same-origin"
        self.user = user
        self.session = session
        if user is not None and session is not None:
            self.cookies.set(app.state.settings.cookie_name, cookie or open_sign_in(session, user))
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


WRITERS, REVIEWERS = ("Ann Author", "Ben Author"), ("Rae Reviewer", "Rob Reviewer")
ADMIN, OUTSIDER, OPERATOR = "Ada Admin", "Olga Outsider", "Otto Operator"
P, Q = "Everyday assistant", "Another project"


def store_cast(session: Session) -> dict[str, str]:
    """The rows of everybody: the cookie of each by name. Stored once for all tests, each of which would do the same."""
    people = {name: factories.user(session, name) for name in (*WRITERS, *REVIEWERS, ADMIN, OUTSIDER)}
    people[OPERATOR] = factories.user(session, OPERATOR, is_admin=True)
    project = factories.project(session, people[ADMIN], P)
    factories.project(session, people[OUTSIDER], Q)
    for name in (*WRITERS, *REVIEWERS):
        factories.member(session, project, people[name], Role.ANNOTATOR if name in WRITERS else Role.REVIEWER)
    return {name: open_sign_in(session, person) for name, person in people.items()}


def find_cast(app: FastAPI, session: Session, cookies: dict[str, str]) -> Cast:
    """Everybody, signed in a moment ago where they have an account."""
    now = func.now()
    session.execute(update(SignIn).values(created_at=now, used_at=now, password_at=now))
    people = {person.name: person for person in session.scalars(select(User))}
    projects = {project.name: project for project in session.scalars(select(Project))}

    def client(name: str) -> Client:
        return Client(app, people[name], session, cookies[name])

    return Cast(
        project=projects[P],
        other_project=projects[Q],
        author=client(WRITERS[0]),
        second_author=client(WRITERS[1]),
        reviewer=client(REVIEWERS[0]),
        second_reviewer=client(REVIEWERS[1]),
        admin=client(ADMIN),
        outsider=client(OUTSIDER),
        operator=client(OPERATOR),
        visitor=Client(app),
    )
