"""Worked examples, good and bad: decided responses that an admin vouched for and put on the guidelines page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.database import change_one
from app.core.errors import Conflict, NotFound
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.deciding.making import audit
from app.review.gold import DECIDED
from app.review.models import Decision, GoldItem
from app.review.policy import can_mark_gold
from app.writing.models import Revision, Submission
from app.writing.queries import get_submission_for

SHOWN = 20


@dataclass(frozen=True)
class Worked:
    """One example: the right decision on it, why, and the text. Nobody is named."""

    item: GoldItem
    revision: Revision


@dataclass(frozen=True)
class WorkedExamples:
    """Those of a project, what is good first."""

    examples: Sequence[Worked]
    template: str = "review/_worked.html"


def show(session: Session, actor: Actor, submission_id: int) -> None:
    """Put a submission whose right decision is known on the guidelines page. From then on no reviewer meets it."""
    submission = get_submission_for(session, actor, submission_id)
    can_mark_gold(actor, submission).require()
    if not get_project_for(session, actor, submission.project_id).shows_examples:
        raise Conflict("review.no_examples", "This project shows no examples. Settings say whether it does.")
    in_use = or_(GoldItem.retired_at.is_(None), GoldItem.is_example)
    known = update(GoldItem).where(GoldItem.submission_id == submission_id, in_use)
    shown = known.values(is_example=True, retired_at=func.coalesce(GoldItem.retired_at, func.now()))
    vouch = NotFound("review.not_gold", "This is no submission with a known decision.")
    change_one(session, shown, otherwise=vouch)
    audit(session, actor, "review.example_shown", submission)


def hide(session: Session, actor: Actor, submission_id: int) -> None:
    """Take it off the guidelines page."""
    submission = get_submission_for(session, actor, submission_id)
    can_mark_gold(actor, submission).require()
    shown = update(GoldItem).where(GoldItem.submission_id == submission_id, GoldItem.is_example.is_(True))
    gone = NotFound("review.no_such_example", "This is no worked example.")
    change_one(session, shown.values(is_example=False), otherwise=gone)
    audit(session, actor, "review.example_hidden", submission)


def worked_examples(session: Session, project: Project) -> WorkedExamples:
    """Up to 20 of the newest, with their texts; none where the project shows no examples. For who sees the project.

    What was withdrawn since is not among them.
    """
    if not project.shows_examples:
        return WorkedExamples(())
    found = (
        select(GoldItem, Revision)
        .join(Submission, Submission.id == GoldItem.submission_id)
        .join(Revision, Revision.id == GoldItem.revision_id)
        .where(GoldItem.project_id == project.id, GoldItem.is_example.is_(True), Submission.status.in_(DECIDED))
        .options(joinedload(Revision.submission).joinedload(Submission.prompt))
        .order_by((GoldItem.decision == Decision.APPROVED).desc(), GoldItem.submission_id.desc())
        .limit(SHOWN)
    )
    return WorkedExamples([Worked(item, revision) for item, revision in session.execute(found)])
