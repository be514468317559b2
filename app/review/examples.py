"""Which approved responses of a category show best what is wanted?"""

from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.projects.models import Category, Project
from app.review.models import Decision, Review
from app.writing.models import Revision, Submission, SubmissionStatus

SHOWN = 2
LOOK_BACK = 200  # a bounded look back: the newest approved of the category


def get_category_for(session: Session, actor: Actor, category_id: int) -> tuple[Project, Category]:
    """A category and its project. NotFound unless the actor is a member there."""
    found = select(Project, Category).join(Category, Category.project_id == Project.id)
    found = found.where(Category.id == category_id, Project.id.in_(actor.roles))
    row = session.execute(found).one_or_none()
    if row is None:
        raise NotFound("review.no_category", "There is no such category.")
    return row[0], row[1]


def best_rated(session: Session, project: Project, category: Category) -> Sequence[Revision]:
    """At most two approved responses, the best rated of the newest 200 of the category, with their submissions.

    None unless the project lets its writers see them.
    """
    if not project.shows_examples:
        return ()
    approved = select(Submission.id, Submission.current_revision).where(
        Submission.project_id == category.project_id,
        Submission.category_id == category.id,
        Submission.status == SubmissionStatus.APPROVED,
        Submission.imported_by.is_(None),  # nobody here approved those
    )
    newest = approved.order_by(Submission.id.desc()).limit(LOOK_BACK).subquery()
    rating = select(func.avg(text("value::numeric"))).select_from(func.jsonb_each_text(Review.ratings))
    best = (
        select(Revision)
        .join(newest, (newest.c.id == Revision.submission_id) & (newest.c.current_revision == Revision.number))
        .join(Review, (Review.revision_id == Revision.id) & (Review.decision == Decision.APPROVED))
        .order_by(rating.scalar_subquery().desc().nulls_last(), Revision.id.desc())
        .limit(SHOWN)
    )
    best = best.options(joinedload(Revision.submission).joinedload(Submission.prompt))
    return session.scalars(best).all()
