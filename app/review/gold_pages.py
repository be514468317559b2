"""An admin vouches for the right decision on a submission, or lets it go, from the submission's page."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, see_other
from app.review import gold, worked
from app.review.models import Decision
from app.review.schemas import GoldForm, PressedForm

router = pages()


@router.post("/submissions/{submission_id:id}/gold", name="review.mark_gold")
def mark(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[GoldForm, Form()]
) -> Response:
    """Say what the right decision is, and why."""
    same_person(actor, form.user_id)
    gold.mark(session, actor, submission_id, decision=Decision(form.decision), note=form.note)
    said = "Reviewers meet this now and then, as if it waited."
    return see_other(request, "review.submission", say=said, submission_id=submission_id)


@router.post("/submissions/{submission_id:id}/gold/retire", name="review.retire_gold")
def retire(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Let reviewers meet it no more."""
    same_person(actor, form.user_id)
    gold.retire(session, actor, submission_id)
    return see_other(request, "review.submission", say="Reviewers meet this no more.", submission_id=submission_id)


@router.post("/submissions/{submission_id:id}/gold/show", name="review.show_example")
def show(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Put it on the guidelines page."""
    same_person(actor, form.user_id)
    worked.show(session, actor, submission_id)
    said = "It stands on the guidelines page. Reviewers meet it no more."
    return see_other(request, "review.submission", say=said, submission_id=submission_id)


@router.post("/submissions/{submission_id:id}/gold/hide", name="review.hide_example")
def hide(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Take it off the guidelines page."""
    same_person(actor, form.user_id)
    worked.hide(session, actor, submission_id)
    said = "It stands on the guidelines page no more."
    return see_other(request, "review.submission", say=said, submission_id=submission_id)
