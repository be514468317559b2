"""The pages that one-time links open: an invitation, a new password, the first administrator.

The address with the token only moves it into a cookie; the page without it shows a form; the form alone spends it.
"""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import entrance, own, queries, service
from app.accounts.cookies import clear_link, come_in, link_token, set_link
from app.accounts.doors import AppSettings, CurrentBrowser
from app.accounts.links import find_link
from app.accounts.models import LinkPurpose
from app.accounts.proofs import FirstAdminFilled, JoinFilled, ResetFilled
from app.core.database import DB
from app.core.errors import Invalid
from app.core.settings import Settings
from app.core.web import pages, render, see_other

router = pages()


@dataclass(frozen=True)
class JoinPage:
    """An invitation: for whom, from whom. Without an address: for somebody who has an account or invitation already."""

    email: str
    name: str
    invited_by: str
    errors: dict[str, str]


@dataclass(frozen=True)
class NewPasswordPage:
    """Where a reset link leads."""

    email: str
    errors: dict[str, str]


@dataclass(frozen=True)
class FirstAdminPage:
    """Where the link of a fresh installation leads."""

    email: str
    name: str
    errors: dict[str, str]


@router.get("/invite/{token:token}", name="accounts.invite")
def invite(request: Request, settings: AppSettings, token: str) -> Response:
    """Open an invitation."""
    return _open(request, settings, LinkPurpose.INVITE, token, "accounts.join")


@router.get("/reset/{token:token}", name="accounts.reset")
def reset(request: Request, settings: AppSettings, token: str) -> Response:
    """Open a reset link."""
    return _open(request, settings, LinkPurpose.RESET, token, "accounts.new_password")


@router.get("/first-admin/{token:token}", name="accounts.first_admin")
def first_admin(request: Request, settings: AppSettings, token: str) -> Response:
    """Open the link of a fresh installation."""
    return _open(request, settings, LinkPurpose.FIRST_ADMIN, token, "accounts.make_first_admin")


@router.get("/invite", name="accounts.join")
def join_page(request: Request, session: DB, settings: AppSettings) -> Response:
    """Ask who was invited for a name and a password."""
    return render(request, _join_page(session, link_token(request, settings, LinkPurpose.INVITE)))


@router.post("/invite", name="accounts.join")
def join(request: Request, filled: JoinFilled, session: DB, settings: AppSettings, browser: CurrentBrowser) -> Response:
    """Join, and be signed in."""
    token, name = link_token(request, settings, LinkPurpose.INVITE), filled.form.name
    try:
        user = service.join(session, token, name=name, password=filled.password, origin=browser.origin)
    except Invalid as refused:
        return render(request, _join_page(session, token, name, refused.by_field()), status=refused.status)
    response = come_in(settings, entrance.enter(session, user, browser).token, "/")
    clear_link(response, settings, LinkPurpose.INVITE)
    return response


@router.get("/reset", name="accounts.new_password")
def new_password_page(request: Request, session: DB, settings: AppSettings) -> Response:
    """Ask for a new password."""
    user = own.reset_for(session, link_token(request, settings, LinkPurpose.RESET))
    return render(request, NewPasswordPage(user.email, {}))


@router.post("/reset", name="accounts.new_password")
def new_password(
    request: Request, filled: ResetFilled, session: DB, settings: AppSettings, browser: CurrentBrowser
) -> Response:
    """Set it, be signed in, and look at one's tokens if there are any."""
    token = link_token(request, settings, LinkPurpose.RESET)
    try:
        user = own.reset(session, token, filled.password, origin=browser.origin)
    except Invalid as refused:
        page = NewPasswordPage(own.reset_for(session, token).email, refused.by_field())
        return render(request, page, status=refused.status)
    target = "/account/tokens?after=reset" if queries.has_tokens(session, user.id) else "/"
    response = come_in(settings, entrance.enter(session, user, browser).token, target)
    clear_link(response, settings, LinkPurpose.RESET)
    return response


@router.get("/first-admin", name="accounts.make_first_admin")
def first_admin_page(request: Request, session: DB, settings: AppSettings) -> Response:
    """Ask who the first administrator is."""
    find_link(session, LinkPurpose.FIRST_ADMIN, link_token(request, settings, LinkPurpose.FIRST_ADMIN))
    return render(request, FirstAdminPage("", "", {}))


@router.post("/first-admin", name="accounts.make_first_admin")
def make_first_admin(
    request: Request, filled: FirstAdminFilled, session: DB, settings: AppSettings, browser: CurrentBrowser
) -> Response:
    """Make the first administrator, signed in."""
    token, form = link_token(request, settings, LinkPurpose.FIRST_ADMIN), filled.form
    try:
        user = service.make_first_admin(
            session, token, email=form.email, name=form.name, password=filled.password, origin=browser.origin
        )
    except Invalid as refused:
        return render(request, FirstAdminPage(form.email, form.name, refused.by_field()), status=refused.status)
    response = come_in(settings, entrance.enter(session, user, browser).token, "/")
    clear_link(response, settings, LinkPurpose.FIRST_ADMIN)
    return response


def _open(request: Request, settings: Settings, purpose: LinkPurpose, token: str, page: str) -> Response:
    """Go on to an address without the token. Nothing is looked up, nothing is spent."""
    response = see_other(request, page)
    set_link(response, settings, purpose, token)
    return response


def _join_page(session: Session, token: str, name: str = "", errors: dict[str, str] | None = None) -> JoinPage:
    user, maker = service.invited_by(session, token)
    email, known_name = (user.email, user.name) if user else ("", "")
    return JoinPage(email, name or known_name, maker.name if maker else "", errors or {})
