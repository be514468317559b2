"""One's own account: name, address, password, and the browsers in which one is signed in."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import own, queries
from app.accounts.actor import Actor
from app.accounts.cookies import set_sign_in
from app.accounts.doors import AppSettings, CurrentActor, FreshActor, same_person
from app.accounts.models import MailChoice
from app.accounts.proofs import OwnPasswordFilled
from app.accounts.queries import OpenSignIn
from app.accounts.schemas import DrawnFor, EmailForm, MailForm, NameForm
from app.core.database import DB
from app.core.errors import Invalid
from app.core.web import pages, render, see_other

router = pages("/account")


@dataclass(frozen=True)
class AccountPage:
    """`fresh`: the password was given a moment ago, so that what it guards can be changed.

    `by_mail`: whether this installation sends mail at all; `mail`: when this person wants some.
    """

    user_id: int
    name: str
    email: str
    fresh: bool
    sign_ins: list[OpenSignIn]
    by_mail: bool
    mail: MailChoice
    done: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("", name="accounts.account")
def account(request: Request, session: DB, actor: CurrentActor, done: str = "") -> Response:
    """Show the account."""
    return render(request, _page(request, session, actor, done=done))


@router.post("/name", name="accounts.change_name")
def change_name(request: Request, session: DB, actor: CurrentActor, form: Annotated[NameForm, Form()]) -> Response:
    """Be called otherwise."""
    same_person(actor, form.user_id)
    own.change_name(session, actor, name=form.name)
    return _done(request, "name")


@router.post("/mail", name="accounts.choose_mail")
def choose_mail(request: Request, session: DB, actor: CurrentActor, form: Annotated[MailForm, Form()]) -> Response:
    """Be mailed of what waits, or not."""
    same_person(actor, form.user_id)
    own.choose_mail(session, actor, form.mail)
    return _done(request, "mail")


@router.post("/email", name="accounts.change_email")
def change_email(request: Request, session: DB, actor: FreshActor, form: Annotated[EmailForm, Form()]) -> Response:
    """Sign in by another address."""
    same_person(actor, form.user_id)
    try:
        own.change_email(session, actor, email=form.email)
    except Invalid as refused:
        return _again(request, session, actor, refused)
    return _done(request, "email")


@router.post("/password", name="accounts.change_password")
def change_password(
    request: Request, filled: OwnPasswordFilled, session: DB, settings: AppSettings, actor: FreshActor
) -> Response:
    """Set a new password; all other browsers are signed out."""
    same_person(actor, filled.form.user_id)
    try:
        token = own.change_password(session, actor, filled.password)
    except Invalid as refused:
        return _again(request, session, actor, refused)
    response = _done(request, "password")
    set_sign_in(response, settings, token)
    return response


@router.post("/sign-ins/end-others", name="accounts.sign_out_elsewhere")
def sign_out_elsewhere(
    request: Request, session: DB, actor: CurrentActor, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Sign out everywhere but here."""
    same_person(actor, form.user_id)
    own.sign_out_elsewhere(session, actor)
    return _done(request, "signed-out")


@router.post("/sign-ins/{sign_in_id:id}/end", name="accounts.end_sign_in")
def end_sign_in(
    request: Request, session: DB, actor: CurrentActor, sign_in_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Sign out one browser."""
    same_person(actor, form.user_id)
    own.end_my_sign_in(session, actor, sign_in_id)
    return _done(request, "signed-out")


def _page(
    request: Request, session: Session, actor: Actor, *, done: str = "", errors: dict[str, str] | None = None
) -> AccountPage:
    found = queries.list_sign_ins(session, actor)
    by_mail, choice = request.app.state.settings.writes_mail, own.mail_choice(session, actor)
    return AccountPage(actor.user_id, actor.name, actor.email, actor.fresh, found, by_mail, choice, done, errors or {})


def _again(request: Request, session: Session, actor: Actor, refused: Invalid) -> Response:
    page = _page(request, session, actor, errors=refused.by_field())
    return render(request, page, template="accounts/account.html", status=refused.status)


def _done(request: Request, what: str) -> Response:
    response = see_other(request, "accounts.account")
    response.headers["Location"] += f"?done={what}"
    return response
