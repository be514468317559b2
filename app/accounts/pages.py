"""The browser's door to accounts: signing in and out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts import account_pages, entrance, link_pages, notice_pages, own, people_pages, queries, token_pages
from app.accounts.cookies import clear_sign_in, come_in
from app.accounts.doors import AppSettings, CurrentBrowser, RequestOrigin, Visitor, inner_address
from app.accounts.proofs import TriedSignIn
from app.accounts.schemas import ForgotForm
from app.core.database import DB
from app.core.web import pages, render, see_other

router = pages()
for part in (link_pages, account_pages, notice_pages, token_pages, people_pages):
    router.routes += part.router.routes


@dataclass(frozen=True)
class SignInPage:
    """`again`: somebody is signed in and gives the password once more. `empty`: nobody has an account yet."""

    next: str
    email: str = ""
    error: str = ""
    again: bool = False
    empty: bool = False


@dataclass(frozen=True)
class ForgotPage:
    """`by_mail`: whether this installation sends mail. `sent`: whether it was asked to."""

    by_mail: bool
    sent: bool = False


@router.get("/sign-in", name="accounts.sign_in")
def sign_in_page(request: Request, session: DB, visitor: Visitor, next: str = "/") -> Response:  # noqa: A002
    """Ask who somebody is, or ask a signed-in person for the password once more."""
    email, empty = visitor.email if visitor else "", not queries.anybody_here(session)
    return render(request, SignInPage(inner_address(next), email, again=visitor is not None, empty=empty))


@router.post("/sign-in", name="accounts.sign_in")
def sign_in(
    request: Request, tried: TriedSignIn, session: DB, settings: AppSettings, browser: CurrentBrowser
) -> Response:
    """Come in, or hear that the password does not fit."""
    entered = entrance.finish(session, tried.outcome, browser)
    target = inner_address(tried.form.next)
    if entered is None:
        return render(request, SignInPage(target, tried.form.email, error=entrance.WRONG), status=401)
    return come_in(settings, entered.token, target)


@router.post("/sign-out", name="accounts.sign_out")
def sign_out(request: Request, session: DB, settings: AppSettings, browser: CurrentBrowser) -> Response:
    """Go."""
    entrance.leave(session, browser)
    response = see_other(request, "accounts.sign_in")
    clear_sign_in(response, settings)
    return response


@router.get("/forgot", name="accounts.forgot")
def forgot_page(request: Request, settings: AppSettings) -> Response:
    """Ask whose password was forgotten."""
    return render(request, ForgotPage(by_mail=settings.writes_mail))


@router.post("/forgot", name="accounts.forgot")
def forgot(
    request: Request, session: DB, settings: AppSettings, origin: RequestOrigin, form: Annotated[ForgotForm, Form()]
) -> Response:
    """Have a link sent, if there is such an account; the answer does not tell."""
    own.request_reset(session, email=form.email, origin=origin)
    return render(request, ForgotPage(by_mail=settings.writes_mail, sent=True))
