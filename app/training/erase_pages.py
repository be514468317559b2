"""Erasing a person, for who runs the installation: what goes and what stays, asking for it, and how far it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, FreshActor, same_person
from app.accounts.emails import TypedEmail
from app.accounts.models import Erasure, User
from app.accounts.queries import get_person_for
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.errors import Invalid
from app.core.web import In, Out, api, pages, render, see_other
from app.training.erasing import ask
from app.training.footprint import Footprint, footprint_of

router = pages("/admin/people/{person_id:id}/erasure")
json_router = api("accounts", "/people/{person_id:id}/erasure")


@dataclass(frozen=True)
class ErasurePage:
    """A person, what there is of them, and their erasure once it was asked for."""

    person: User
    erasure: Erasure | None
    there: Footprint
    user_id: int
    fresh: bool
    refused: Invalid | None = None


class EraseForm(DrawnFor):
    """The person's address, typed to confirm who is meant."""

    email: TypedEmail


@router.get("", name="training.erasure")
def show(request: Request, session: DB, actor: CurrentActor, person_id: int) -> Response:
    """What will go, and what stays?"""
    return render(request, _page(session, actor, person_id))


@router.get("/state", name="training.erasure_state")
def state(request: Request, session: DB, actor: CurrentActor, person_id: int) -> Response:
    """How far is it? The part of the page that asks again."""
    return render(request, _page(session, actor, person_id), template="training/_erasure.html")


@router.post("", name="training.erase")
def erase(
    request: Request, session: DB, actor: FreshActor, person_id: int, form: Annotated[EraseForm, Form()]
) -> Response:
    """Have the person erased, and show how far it is."""
    same_person(actor, form.user_id)
    try:
        ask(session, actor, person_id, email=form.email)
    except Invalid as refused:
        page = replace(_page(session, actor, person_id), refused=refused)
        return render(request, page, template="training/erasure.html", status=refused.status)
    return see_other(request, "training.erasure", person_id=person_id)


class EraseIn(In):
    """The person's address, to confirm who is meant."""

    email: TypedEmail


class HeldInOut(Out):
    """A version that holds texts of the person: it is retired, its files are removed."""

    id: int
    number: int
    dataset: str
    project: str


class SeenByOut(Out):
    """A run that was given such a version: its report and its model are removed."""

    id: int
    number: int
    project: str


class ErasureOut(Out):
    """What there is of a person, and how far their erasure is; `asked_at` is null until somebody asks for it.

    `sent_to`: hubs that versions were sent to. What lies there has to be removed there.
    """

    asked_at: datetime | None
    progress: str
    finished_at: datetime | None
    responses: int
    prompts: int
    versions: list[HeldInOut]
    runs: list[SeenByOut]
    sent_to: list[str]


@json_router.get("", name="api.training.erasure")
def read_erasure(session: DB, actor: CurrentActor, person_id: int) -> ErasureOut:
    """What would be erased of a person, and how far it is."""
    return _told(_page(session, actor, person_id))


@json_router.post("", name="api.training.erase", status_code=202)
def start_erasure(session: DB, actor: FreshActor, person_id: int, given: EraseIn) -> ErasureOut:
    """Erase a person. It cannot be taken back; asking again changes nothing."""
    ask(session, actor, person_id, email=given.email)
    return _told(_page(session, actor, person_id))


def _page(session: Session, actor: Actor, person_id: int) -> ErasurePage:
    person = get_person_for(session, actor, person_id)
    erasure = session.get(Erasure, person_id, populate_existing=True)
    return ErasurePage(person, erasure, footprint_of(session, person_id), actor.user_id, actor.fresh)


def _told(page: ErasurePage) -> ErasureOut:
    begun = page.erasure
    return ErasureOut(
        asked_at=begun.asked_at if begun else None,
        progress=begun.progress if begun else "",
        finished_at=begun.finished_at if begun else None,
        **{name: getattr(page.there, name) for name in Footprint.__dataclass_fields__},
    )
