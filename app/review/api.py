"""The JSON door of review."""

from typing import Annotated

from fastapi import Depends, Query

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.idempotency import HELD_IS_GIVEN_AGAIN, repeatable
from app.core.paging import CursorBook
from app.core.text import WholeNumber
from app.core.web import api
from app.projects.queries import get_project_for
from app.review import queries, service, skips
from app.review.deciding import held
from app.review.deciding.quick_decide import quick_decide
from app.review.deciding.quick_take import quick_take
from app.review.deciding.wishes import Wish
from app.review.models import Decision
from app.review.narrowing import WantedQuery, narrowed
from app.review.policy import can_review
from app.review.schemas import DecisionWord, NextOut, ReviewIn, ReviewOut, ReviewsOut, review_out, to_review_out

router = api("review")
ReviewReader = Annotated[Actor, Depends(with_scope("reviews:read"), scope="function")]


@router.get("/projects/{project_id:id}/reviews", name="api.review.history", response_model=ReviewsOut)
def history(
    session: DB,
    actor: ReviewReader,
    settings: AppSettings,
    project_id: int,
    cursor: str | None = None,
    decision: DecisionWord | None = None,
    reviewer: Annotated[WholeNumber | None, Query(ge=1, lt=2**62)] = None,
) -> ReviewsOut:
    """The decisions of a project, newest first; with `decision` those that fell so, with `reviewer` one person's."""
    get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    book = CursorBook(settings.signing_keys, "reviews", actor.user_id, [project_id, decision, reviewer])
    only = Decision(decision) if decision else None
    before = book.read(cursor)
    rows = queries.list_reviews(session, actor, project_id, before=before, decision=only, reviewer_id=reviewer)
    page = book.page(rows, position=lambda review: review.id)
    shown = [review_out(review, review.revision.number, review.reviewer.name) for review in page.rows]
    return ReviewsOut(reviews=shown, next_cursor=page.next_cursor)


@router.post("/projects/{project_id:id}/review/next", name="api.review.take", response_model=NextOut)
@repeatable(HELD_IS_GIVEN_AGAIN)
def take(session: DB, actor: CurrentActor, project_id: int, wanted: WantedQuery) -> NextOut:
    """Take what comes first by the project's rule, or go on with the one that is held.

    `writer` (a pseudonym) and `waited` (whole days) narrow it down as `category` does; within that the oldest is first.
    """
    if wanted.is_all and (quick := quick_take(session, actor, project_id)):
        return NextOut(submission=to_review_out(*quick))
    part = narrowed(session, get_project_for(session, actor, project_id), wanted)
    taken = service.take_next(session, actor, project_id, part)
    held.settle_own(session, actor)
    if taken is None:
        return NextOut(submission=None)
    return NextOut(submission=to_review_out(taken, queries.pseudonym_of(session, project_id, taken.author_id)))


@router.post(
    "/submissions/{submission_id:id}/reviews", name="api.review.decide", response_model=ReviewOut, status_code=201
)
def decide(session: DB, actor: CurrentActor, submission_id: int, given: ReviewIn) -> ReviewOut:
    """Approve, ask for changes, or reject, at once. The same decision sent twice is stored once."""
    edited = [turn.model_dump() for turn in given.edited] if given.edited else None
    wish = Wish(Decision(given.decision), given.revision, given.ratings, given.note, edited, given.missed)
    made = quick_decide(session, actor, submission_id, wish) or service.carry_out(session, actor, submission_id, wish)
    return review_out(made, given.revision, actor.name)


@router.post("/submissions/{submission_id:id}/skip", name="api.review.skip", status_code=204)
def skip(session: DB, actor: CurrentActor, submission_id: int) -> None:
    """Leave it to the other reviewers."""
    service.skip(session, actor, submission_id)


@router.delete("/submissions/{submission_id:id}/skip", name="api.review.undo_skip", status_code=204)
def undo_skip(session: DB, actor: CurrentActor, submission_id: int) -> None:
    """Be offered again what you left to the other reviewers, however long ago."""
    skips.take_back(session, actor, submission_id)
