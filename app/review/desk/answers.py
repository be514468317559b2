"""How do the pages of review answer? With the queue, with what was refused, or with what came too late."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.accounts.actor import Actor
from app.core.errors import DomainError, Place
from app.core.web import render, see_other
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.narrowing import Narrowed
from app.review.policy import can_review
from app.writing.models import Submission


@dataclass(frozen=True)
class Refusal:
    """Why nothing was stored, in the words of the error; a page shows it above the work.

    `consent`: the page on which what is missing can be given, where it is that.
    """

    title: str
    sentence: str
    places: Sequence[Place]
    request_id: str
    consent: str


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


def refusal_of(request: Request, error: DomainError) -> Refusal:
    """The error as a page shows it above the work."""
    request_id, consent = request.scope["state"]["request_id"], str(error.extra.get("consent", ""))
    return Refusal(error.title, error.sentence, error.places, request_id, consent)


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
