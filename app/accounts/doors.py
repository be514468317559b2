"""Who is at the door: the dependencies that every route names to say who may come in."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.cookies import renew_sign_in_cookie
from app.accounts.entrance import Browser
from app.accounts.models import SCOPES
from app.accounts.notices import read_page
from app.accounts.sign_ins import actor_of_cookie, actor_of_token, renewed_id
from app.core.audit import Origin
from app.core.database import DB
from app.core.errors import Conflict, NotSignedIn, Refused
from app.core.settings import Settings
from app.core.tokens import bad_token
from app.core.web import POLLING


def origin_of(request: Request) -> Origin:
    """The address and the id of a request, for the audit log."""
    state = request.scope.get("state", {})
    return Origin(state.get("address"), state.get("request_id"))


def request_origin(request: Request) -> Origin:
    """The same as a dependency."""
    return origin_of(request)


RequestOrigin = Annotated[Origin, Depends(request_origin)]


def settings_of(request: Request) -> Settings:
    """The installation's settings."""
    return request.app.state.settings  # type: ignore[no-any-return]


AppSettings = Annotated[Settings, Depends(settings_of)]


def browser_of(request: Request, settings: AppSettings) -> Browser:
    """The browser that asks, for who comes in and who goes."""
    agent = request.headers.get("user-agent", "")
    return Browser(origin_of(request), agent, request.cookies.get(settings.cookie_name))


CurrentBrowser = Annotated[Browser, Depends(browser_of)]


def bears_token(request: Request) -> bool:
    """Whether a program asks with a token. Its cookies, if it has any, count for nothing then."""
    return request.headers.get("authorization", "").lower().startswith("bearer ")


def signed_in_or_none(request: Request, session: DB) -> Actor | None:
    """The person whose browser this is, or None."""
    settings: Settings = request.app.state.settings
    cookie = None if bears_token(request) else request.cookies.get(settings.cookie_name)
    works = POLLING not in request.headers
    actor = actor_of_cookie(session, cookie, settings, origin=origin_of(request), counts=works) if cookie else None
    if actor and works and opens_page(request):
        if token := renewed_id(session, actor):
            renew_sign_in_cookie(request.state, settings, token)
        actor = read_page(session, actor, request.url.path)
    request.state.actor = actor
    return actor


def recognise(request: Request) -> None:
    """Look up who asks, where a page was refused before its route did: for the frame around the refusal alone."""
    settings = settings_of(request)
    cookie = None if bears_token(request) else request.cookies.get(settings.cookie_name)
    if cookie and not hasattr(request.state, "actor"):
        with request.app.state.sessions.begin() as session:
            request.state.actor = actor_of_cookie(session, cookie, settings, origin=origin_of(request))


Visitor = Annotated[Actor | None, Depends(signed_in_or_none)]


def opens_page(request: Request) -> bool:
    """Whether a browser opens a page: nothing of it is then still on its way under the session's old id."""
    return request.method == "GET" and not request.url.path.startswith("/api/") and "HX-Request" not in request.headers


def signed_in(request: Request, visitor: Visitor) -> Actor:
    """The signed-in person; else what `not_signed_in` raises."""
    if visitor is not None:
        return visitor
    raise not_signed_in(request, request.state.session)


def not_signed_in(request: Request, session: Session) -> NotSignedIn | Refused:
    """What a stranger hears: NotSignedIn, with the way back for a page; Refused where the token is good."""
    if bears_token(request):
        actor_of_bearer(request, session)
        return Refused("accounts.browser_only", "A person does this in a browser; no token can.")
    error = NotSignedIn("accounts.not_signed_in", "Your sign-in has ended. Sign in again to go on.")
    if request.method == "GET":
        error.extra = {"next": address_of(request)}
    return error


CurrentActor = Annotated[Actor, Depends(signed_in)]


def freshly_signed_in(request: Request, actor: CurrentActor) -> Actor:
    """The signed-in person, who gave the password within the last 10 minutes. NotSignedIn otherwise.

    For what a stolen session must not do: change password, address or roles, make a token.
    """
    if not actor.fresh:
        raise NotSignedIn(
            "accounts.password_needed", "For this, please give your password once more.", next=page_before(request)
        )
    return actor


FreshActor = Annotated[Actor, Depends(freshly_signed_in)]


def actor_of_bearer(request: Request, session: Session) -> Actor:
    """The owner of the token in the Authorization header. NotSignedIn, in the same words, for whatever is no good."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    actor = actor_of_token(session, token, origin=origin_of(request)) if kind.lower() == "bearer" else None
    if actor is None:
        raise bad_token()
    request.state.actor = actor
    return actor


@dataclass(frozen=True)
class ScopeDoor:
    """A dependency: a signed-in browser, or a bearer token that carries this scope. The OpenAPI document names it."""

    token_scope: str

    def __call__(self, request: Request, session: DB) -> Actor:
        """The browser's person, or the token's owner where the token carries the scope."""
        if "authorization" not in request.headers:
            if visitor := signed_in_or_none(request, session):
                return visitor
            raise not_signed_in(request, session)
        actor = actor_of_bearer(request, session)
        if actor.scopes is None or self.token_scope not in actor.scopes:
            raise Refused("accounts.scope_missing", f"This token lacks the scope {self.token_scope}.")
        return actor


def with_scope(scope: str) -> ScopeDoor:
    """The door for this scope, which must be one of ours."""
    if scope not in SCOPES:
        raise ValueError(f"{scope} is not in SCOPES of app/accounts/models.py")
    return ScopeDoor(scope)


def same_person(actor: Actor, drawn_for: int) -> None:
    """Conflict where a form was drawn for somebody else: the person changed in another tab. Call before any write."""
    if actor.user_id != drawn_for:
        raise Conflict(
            "accounts.another_person",
            f"You are now signed in as {actor.name}. Nothing was changed. Load the page again to go on.",
        )


def address_of(request: Request) -> str:
    """The path and query of a request."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def page_before(request: Request) -> str:
    """The page on which a form stood, where the browser tells it; else one's own account."""
    if request.method == "GET":
        return address_of(request)
    origin = request.app.state.settings.public_url
    before = request.headers.get("referer", "")
    return inner_address(before.removeprefix(origin)) if before.startswith(f"{origin}/") else "/account"


def inner_address(address: str) -> str:
    """An address of ours to go on to; the start page for any other, however it is disguised."""
    leads_out = not address.startswith("/") or address[1:2] == "/"
    disguised = "\\" in address or any(character <= " " or character == "\x7f" for character in address)
    return "/" if leads_out or disguised else address


def sign_in_address(next_path: str) -> str:
    """The sign-in page that leads back to a page of ours."""
    return f"/sign-in?next={quote(next_path)}"
