"""The people of the tests: each a browser in which somebody is signed in."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.models import Role, SignIn, User
from app.accounts.sign_ins import actor_for, open_sign_in
from app.projects.models import Project
from tests import factories
from tests.whole_answers import WholeAnswers


class Client(TestClient):
    """A browser: sends what a browser sends with a form of our own page, follows no redirect unless told."""

    def __init__(
        self,
        app: FastAPI,
        user: User | None = None,
        session: Session | None = None,
        cookie: str = "",
        address: str = "testclient",
    ) -> None:
        super().__init__(app, follow_redirects=False)
        self._transport = WholeAnswers(app, self._loop, address)
        self.headers["Sec-Fetch-Site"] = "same-origin"
        self.user = user
        self.session = session
        if user is not None and session is not None:
            if not cookie:
                cookie = open_sign_in(session, user)
                session.commit()
            self.cookies.set(app.state.settings.cookie_name, cookie)

    def _loop(self) -> BlockingPortal:
        assert self.portal, "one loop for all: tests/conftest.py"
        return self.portal

    @property
    def actor(self) -> Actor:
        """This person as verbs know them."""
        assert self.user
        assert self.session
        return actor_for(self.session, self.user)

    def api(self, method: str, path: str, **json: Any) -> Any:
        """A JSON request: `cast.author.api("POST", "/api/v1/…", text="…")`."""
        return self.request(method, path, json=json or None)


class Cast:
    """Two projects and who is in them; each opens a browser when first asked for, since most tests want only some."""

    def __init__(self, app: FastAPI, session: Session, cookies: Mapping[str, str]) -> None:
        self._app, self._session, self._cookies = app, session, cookies
        self._people = {person.name: person for person in session.scalars(select(User))}
        projects = {project.name: project for project in session.scalars(select(Project))}
        self.project, self.other_project = projects[P], projects[Q]

    def _signed_in(self, name: str) -> Client:
        return Client(self._app, self._people[name], self._session, self._cookies[name])

    @cached_property
    def author(self) -> Client:
        """Writes in project P."""
        return self._signed_in(WRITERS[0])

    @cached_property
    def second_author(self) -> Client:
        """Writes there too."""
        return self._signed_in(WRITERS[1])

    @cached_property
    def reviewer(self) -> Client:
        """Reviews in project P."""
        return self._signed_in(REVIEWERS[0])

    @cached_property
    def second_reviewer(self) -> Client:
        """Reviews there too."""
        return self._signed_in(REVIEWERS[1])

    @cached_property
    def admin(self) -> Client:
        """Leads project P."""
        return self._signed_in(ADMIN)

    @cached_property
    def outsider(self) -> Client:
        """Leads project Q, and is nobody in P."""
        return self._signed_in(OUTSIDER)

    @cached_property
    def operator(self) -> Client:
        """Runs the installation."""
        return self._signed_in(OPERATOR)

    @cached_property
    def visitor(self) -> Client:
        """Is not signed in."""
        return Client(self._app)

    @property
    def everybody(self) -> list[Client]:
        """All browsers."""
        return [getattr(self, name) for name, kind in vars(Cast).items() if isinstance(kind, cached_property)]


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
    cast = Cast(app, session, cookies)
    session.commit()
    return cast
