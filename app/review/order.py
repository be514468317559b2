"""Which submission comes first? The project's rule, in words, and as reads that cost the same in any queue."""

from collections.abc import Iterator

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.leases import free
from app.projects.models import Category, Project, ReviewOrder
from app.review.queries import waits_for
from app.writing.models import Submission
from app.writing.queries import NEWCOMER_APPROVALS

IN_WORDS = {
    ReviewOrder.OLDEST: "The oldest comes first.",
    ReviewOrder.FURTHEST: "The category furthest from its target comes first, in it the oldest.",
    ReviewOrder.NEWCOMERS: f"New writers, with fewer than {NEWCOMER_APPROVALS} approved responses, come first; "
    "then the oldest.",
}


def in_words(project: Project, category: Category | None) -> str:
    """The rule by which the next submission is chosen."""
    return "The oldest of this category comes first." if category else IN_WORDS[project.review_order]


def choices(session: Session, actor: Actor, project: Project, category_id: int | None = None) -> Iterator[Select[int]]:
    """What may come first for this reviewer, each a SELECT of ids: the first that finds a free one is right.

    Each walks along an index that holds nothing but what waits, and ends at its first row.
    """
    waiting = select(Submission.id).where(waits_for(actor, project.id))
    waiting = waiting.order_by(Submission.submitted_at, Submission.id)
    if category_id is not None:
        yield waiting.where(Submission.category_id == category_id)
        return
    if project.review_order is ReviewOrder.NEWCOMERS:
        yield waiting.where(Submission.from_newcomer)
    if project.review_order is ReviewOrder.FURTHEST:
        furthest = session.scalar(furthest_category(actor, project))
        if furthest is not None:
            yield waiting.where(Submission.category_id == furthest)
    yield waiting


def furthest_category(actor: Actor, project: Project) -> Select[int]:
    """The category that lacks most approved responses, of those in which something is free: one look into each."""
    first = select(Submission.id).where(
        waits_for(actor, project.id), free(Submission), Submission.category_id == Category.id
    )
    first_free = first.order_by(Submission.submitted_at, Submission.id).limit(1).lateral()
    found = select(Category.id).join(first_free, true()).where(Category.project_id == project.id)
    return found.order_by((Category.target - Category.approved).desc(), Category.id).limit(1)


def next_free(session: Session, actor: Actor, project: Project, category_id: int | None = None) -> Submission | None:
    """The submission that this reviewer would be given now, with its prompt; nothing is claimed."""
    for waiting in choices(session, actor, project, category_id):
        first = waiting.where(free(Submission)).limit(1).scalar_subquery()
        shown = select(Submission).where(Submission.id == first)
        found = session.scalar(shown.options(joinedload(Submission.prompt), joinedload(Submission.category)))
        if found:
            return found
    return None
