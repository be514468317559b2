"""The people of this installation, for who runs it: invite, disable, make administrator, hand over a link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import people, queries, service
from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, FreshActor, same_person
from app.accounts.links import link_address
from app.accounts.models import ApiToken, LinkPurpose, User
from app.accounts.schemas import DrawnFor, InviteForm
from app.core.database import DB
from app.core.paging import CursorBook, Page
from app.core.settings import Settings
from app.core.web import pages, render, see_other

router = pages("/admin/people")

PressedFor = Annotated[DrawnFor, Form()]


@dataclass(frozen=True)
class PeoplePage:
    """Everybody, the newest first. `link`: the invitation that was just made, for `invited`."""

    people: Page[User]
    user_id: int
    link: str = ""
    invited: str = ""


@dataclass(frozen=True)
class PersonPage:
    """One account. `link`: what was just made to be handed over, and what it is good for."""

    person: User
    tokens: Sequence[ApiToken]
    user_id: int
    fresh: bool
    link: str = ""
    link_purpose: str = ""


@router.get("", name="accounts.people")
def show(
    request: Request, session: DB, settings: AppSettings, actor: CurrentActor, cursor: str | None = None
) -> Response:
    """Show everybody."""
    return render(request, _people(session, settings, actor, cursor))


@router.post("", name="accounts.people")
def invite(
    request: Request, session: DB, settings: AppSettings, actor: CurrentActor, form: Annotated[InviteForm, Form()]
) -> Response:
    """Invite somebody, and show the link to hand over."""
    same_person(actor, form.user_id)
    queries.list_people(session, actor)
    user, token = service.invite(session, actor, email=form.email, name=form.name)
    link = link_address(settings, LinkPurpose.INVITE, token)
    return render(request, _people(session, settings, actor, None, link=link, invited=user.email), status=201)


@router.get("/{person_id:id}", name="accounts.person")
def person(request: Request, session: DB, actor: CurrentActor, person_id: int) -> Response:
    """Show one account."""
    return render(request, _person(session, actor, person_id))


@router.post("/{person_id:id}/link", name="accounts.person_link")
def person_link(
    request: Request, session: DB, settings: AppSettings, actor: FreshActor, person_id: int, form: PressedFor
) -> Response:
    """Make a link to join or to set a new password, and show it to be handed over."""
    same_person(actor, form.user_id)
    purpose, token = people.make_personal_link(session, actor, person_id)
    page = _person(session, actor, person_id, link=link_address(settings, purpose, token), link_purpose=str(purpose))
    return render(request, page, template="accounts/person.html", status=201)


@router.post("/{person_id:id}/disable", name="accounts.disable")
def disable(request: Request, session: DB, actor: FreshActor, person_id: int, form: PressedFor) -> Response:
    """Keep somebody out."""
    return _act(request, session, actor, person_id, form, people.disable)


@router.post("/{person_id:id}/enable", name="accounts.enable")
def enable(request: Request, session: DB, actor: FreshActor, person_id: int, form: PressedFor) -> Response:
    """Let somebody in again."""
    return _act(request, session, actor, person_id, form, people.enable)


@router.post("/{person_id:id}/make-administrator", name="accounts.make_administrator")
def make_administrator(request: Request, session: DB, actor: FreshActor, person_id: int, form: PressedFor) -> Response:
    """Let somebody run this installation too."""
    return _act(request, session, actor, person_id, form, people.make_administrator)


@router.post("/{person_id:id}/withdraw-administrator", name="accounts.withdraw_administrator")
def withdraw_administrator(
    request: Request, session: DB, actor: FreshActor, person_id: int, form: PressedFor
) -> Response:
    """Take the right to run this installation away."""
    return _act(request, session, actor, person_id, form, people.withdraw_administrator)


def _act(
    request: Request, session: Session, actor: Actor, person_id: int, form: DrawnFor,
    verb: Callable[[Session, Actor, int], None],
) -> Response:  # fmt: skip
    same_person(actor, form.user_id)
    verb(session, actor, person_id)
    return see_other(request, "accounts.person", person_id=person_id)


def _people(
    session: Session, settings: Settings, actor: Actor, cursor: str | None, *, link: str = "", invited: str = ""
) -> PeoplePage:
    book = CursorBook(settings.signing_keys, "people", actor.user_id)
    found = queries.list_people(session, actor, before=book.read(cursor))
    return PeoplePage(book.page(found, position=lambda user: user.id), actor.user_id, link, invited)


def _person(session: Session, actor: Actor, person_id: int, *, link: str = "", link_purpose: str = "") -> PersonPage:
    found = queries.get_person_for(session, actor, person_id)
    tokens = queries.list_tokens(session, actor, user_id=person_id)
    return PersonPage(found, tokens, actor.user_id, actor.fresh, link, link_purpose)
