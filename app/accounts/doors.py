"""Who is at the door: the dependencies that every route names to say who may come in."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from app.accounts.actor import Actor
from app.accounts.sign_ins import actor_of_cookie, actor_of_token, renew_sign_in
from app.core.audit import Origin
from app.core.database import DB
from app.core.errors import NotSignedIn, Refused
from app.core.settings import Settings

POLLING = "X-Penset-Poll"


def origin_of(request: Request) -> Origin:
    """The address and the id of a request, for the audit log."""
    state = request.scope.get("state", {})
    return Origin(state.get("address"), state.get("request_id"))


RequestOrigin = Annotated[Origin, Depends(origin_of)]


def settings_of(request: Request) -> Settings:
    """The installation's settings."""
    return request.app.state.settings  # type: ignore[no-any-return]


AppSettings = Annotated[Settings, Depends(settings_of)]


def signed_in_or_none(request: Request, session: DB, settings: AppSettings) -> Actor | None:
    """The person whose browser this is, or None."""
    token = request.cookies.get(settings.cookie_name)
    actor = actor_of_cookie(session, token, settings, origin=origin_of(request)) if token else None
    if actor and POLLING not in request.headers:
        renew_sign_in(session, actor)
    request.state.actor = actor
    return actor


Visitor = Annotated[Actor | None, Depends(signed_in_or_none)]


def signed_in(request: Request, visitor: Visitor) -> Actor:
    """The signed-in person. NotSignedIn otherwise, with the way back for a page."""
    if visitor is None:
        error = NotSignedIn("accounts.not_signed_in", "Your sign-in has ended. Sign in again to go on.")
        if request.method == "GET":
            error.extra = {"next": request.url.path + (f"?{request.url.query}" if request.url.query else "")}
        raise error
    return visitor


CurrentActor = Annotated[Actor, Depends(signed_in)]


def with_scope(scope: str) -> Callable[..., Actor]:
    """A dependency: a signed-in browser, or a bearer token that carries this scope."""

    def door(request: Request, session: DB, settings: AppSettings) -> Actor:
        header = request.headers.get("authorization")
        if header is None:
            return signed_in(request, signed_in_or_none(request, session, settings))
        kind, _, token = header.partition(" ")
        actor = (
            actor_of_token(session, token, origin=origin_of(request)) if kind.lower() == "bearer" and token else None
        )
        if actor is None:
            raise NotSignedIn("accounts.bad_token", "This token is not valid. Make a new one under Account, Tokens.")
        if actor.scopes is None or scope not in actor.scopes:
            raise Refused("accounts.scope_missing", f"This token lacks the scope {scope}.")
        request.state.actor = actor
        return actor

    return door


def sign_in_address(next_path: str) -> str:
    """The sign-in page that leads back to a page of ours."""
    return f"/sign-in?next={quote(next_path)}"
