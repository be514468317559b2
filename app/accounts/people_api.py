"""The JSON door to the people of this installation, for who runs it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.accounts import people, queries, service
from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, FreshActor
from app.accounts.links import link_address
from app.accounts.models import LinkPurpose
from app.accounts.schemas import InvitedPersonOut, InviteIn, LinkOut, PeopleOut, PersonOut
from app.core.database import DB
from app.core.idempotency import HOLDS_A_LINK, repeatable
from app.core.paging import CursorBook
from app.core.web import api

router = api("accounts", "/people")


@router.get("", name="api.accounts.people")
def index(session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None) -> PeopleOut:
    """Everybody, the newest first."""
    book = CursorBook(settings.signing_keys, "api.people", actor.user_id)
    page = book.page(queries.list_people(session, actor, before=book.read(cursor)), position=lambda person: person.id)
    return PeopleOut(people=[PersonOut.model_validate(one) for one in page.rows], next_cursor=page.next_cursor)


@router.post("", name="api.accounts.invite", status_code=201)
@repeatable(HOLDS_A_LINK)
def invite(session: DB, actor: CurrentActor, settings: AppSettings, given: InviteIn) -> InvitedPersonOut:
    """Invite somebody; the answer holds the link to hand over."""
    queries.list_people(session, actor)
    user, token = service.invite(session, actor, email=given.email, name=given.name)
    session.refresh(user)
    link = link_address(settings, LinkPurpose.INVITE, token)
    return InvitedPersonOut(person=PersonOut.model_validate(user), link=link)


@router.get("/{person_id:id}", name="api.accounts.person")
def person(session: DB, actor: CurrentActor, person_id: int) -> PersonOut:
    """One account."""
    return PersonOut.model_validate(queries.get_person_for(session, actor, person_id))


@router.post("/{person_id:id}/link", name="api.accounts.person_link", status_code=201)
@repeatable(HOLDS_A_LINK)
def person_link(session: DB, actor: FreshActor, settings: AppSettings, person_id: int) -> LinkOut:
    """Make a link to join or to set a new password; earlier ones end."""
    purpose, token = people.make_personal_link(session, actor, person_id)
    return LinkOut(purpose=purpose, link=link_address(settings, purpose, token))


@router.post("/{person_id:id}/disable", name="api.accounts.disable")
def disable(session: DB, actor: FreshActor, person_id: int) -> PersonOut:
    """Keep somebody out."""
    return _done(session, actor, person_id, people.disable)


@router.post("/{person_id:id}/enable", name="api.accounts.enable")
def enable(session: DB, actor: FreshActor, person_id: int) -> PersonOut:
    """Let somebody in again."""
    return _done(session, actor, person_id, people.enable)


@router.post("/{person_id:id}/make-administrator", name="api.accounts.make_administrator")
def make_administrator(session: DB, actor: FreshActor, person_id: int) -> PersonOut:
    """Let somebody run this installation too."""
    return _done(session, actor, person_id, people.make_administrator)


@router.post("/{person_id:id}/withdraw-administrator", name="api.accounts.withdraw_administrator")
def withdraw_administrator(session: DB, actor: FreshActor, person_id: int) -> PersonOut:
    """Take the right to run this installation away."""
    return _done(session, actor, person_id, people.withdraw_administrator)


def _done(session: Session, actor: Actor, person_id: int, verb: Callable[[Session, Actor, int], None]) -> PersonOut:
    verb(session, actor, person_id)
    return PersonOut.model_validate(queries.get_person_for(session, actor, person_id))
