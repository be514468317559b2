"""How do the pages of review answer? With the queue, with what was refused, or with what came too late."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.accounts.actor import Actor
from app.core.errors import DomainError, NamedPlace, Place
from app.core.web import places_by_label, render, see_other
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.deciding.ratings import pointer
from app.review.narrowing import Narrowed
from app.review.policy import can_review
from app.review.schemas import RATING
from app.writing.models import Submission

FIELDS = {"/note": ("Note to the writer", "note"), "/missed": ("The part that it misses", "missed")}
OF_RATING = pointer("")
TURN = re.compile(r"/messages(?:/(\d+)/content)?")


@dataclass(frozen=True)
class Refusal:
    """Why nothing was stored, in the words of the error; a page shows it above the work.

    `consent`: the page on which what is missing can be given, where it is that.
    """

    title: str
    sentence: str
    places: Sequence[NamedPlace]
    request_id: str
    consent: str

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong, by the ids of the form's fields."""
        return {one.at: one.detail for one in self.places if one.at}


@dataclass(frozen=True)
class DecidePage:
    """A decision that came too late, or lacks a consent: who was first, and what was written for it, to copy."""

    project: Project
    submission: Submission
    refusal: Refusal
    note: str
    texts: Sequence[str]


def open_queue(session: Session, actor: Actor, project_id: int) -> Project:
    """The project, for who decides in it."""
    project = get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    return project


def to_queue(request: Request, project_id: int, part: Narrowed, *, say: str = "") -> RedirectResponse:
    """303 to the queue, within the chosen part of it; it says what was done."""
    answer = see_other(request, "review.index", say=say, project_id=project_id)
    answer.headers["location"] += part.query
    return answer


def refusal_of(request: Request, error: DomainError, rubric: Sequence[Mapping[str, Any]] = ()) -> Refusal:
    """The error as a page shows it above the work; places have the names of the form's fields, with its `rubric`."""
    request_id, consent = request.scope["state"]["request_id"], str(error.extra.get("consent", ""))
    by_label = places_by_label(request, error)
    places = [named(*both, rubric) for both in zip(error.places, by_label, strict=False)] if rubric else by_label
    return Refusal(error.title, error.sentence, places, request_id, consent)


def named(place: Place, by_label: NamedPlace, rubric: Sequence[Mapping[str, Any]]) -> NamedPlace:
    """What a person calls the place: a row of the rubric, a field, a turn of the text; else its label."""
    rows = {pointer(one["key"]): (one["name"], RATING + one["key"]) for one in rubric}
    if found := (rows | FIELDS).get(place.pointer):
        return NamedPlace(*found, place.detail)
    if place.pointer.startswith(OF_RATING):
        return NamedPlace(f"“{place.pointer.removeprefix(OF_RATING)}”", "", place.detail)
    if turn := TURN.fullmatch(place.pointer):
        return NamedPlace("The text", f"response-{int(turn[1] or 0) + 1}", place.detail)
    return by_label


def too_late(
    request: Request,
    project: Project,
    submission: Submission,
    error: DomainError,
    note: str = "",
    texts: Sequence[str] = (),
) -> Response:
    """The page of what came too late; nothing that was written for it is lost."""
    page = DecidePage(project, submission, refusal_of(request, error), note, texts)
    return render(request, page, template="review/decide.html", status=error.status)
