"""What waits for a second or third person whom the project does not have? Only reads."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, ScalarSelect, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role, User
from app.core.database import built_once
from app.core.hot import ask_one
from app.review.models import Opinion, ReviewSkip
from app.writing.models import Revision, Submission, SubmissionStatus

LIMIT = 100
LOOK_BACK = 200  # opinions, among which those are looked for that a second person is missing to


@dataclass(frozen=True)
class Stuck:
    """How many submissions nobody is left to judge, counted up to 100 each: `disputes`, for want of a third person;
    `halves`, for want of a second."""

    disputes: int
    halves: int


def stuck(session: Session, actor: Actor, project_id: int) -> Stuck:
    """What nobody in the project can decide, for its administrators; nothing for anybody else."""
    if not actor.administers(project_id):
        return Stuck(0, 0)
    found = ask_one(session, _stuck(), {"project": project_id}, alone=True)
    return Stuck(found.disputes, found.halves)


@built_once
def _stuck() -> Select[int, int]:
    project = bindparam("project", type_=BigInteger)
    waits = (Submission.project_id == project, Submission.status == SubmissionStatus.SUBMITTED)
    disputed = select(Submission.id).where(*waits, Submission.disputed_at.is_not(None))
    newest = select(Opinion.submission_id).where(Opinion.project_id == project)
    newest_ids = newest.order_by(Opinion.id.desc()).limit(LOOK_BACK)
    halves = select(Submission.id).where(*waits, Submission.disputed_at.is_(None), Submission.id.in_(newest_ids))
    given = select(Opinion.id).join(Revision, Revision.id == Opinion.revision_id)
    halves = halves.where(
        given.where(Opinion.submission_id == Submission.id, Revision.number == Submission.current_revision).exists()
    )
    return select(_counted(disputed).label("disputes"), _counted(halves).label("halves"))


def _counted(waiting: Select[int]) -> ScalarSelect[int]:
    """How many of these nobody is left for."""
    left = select(Membership.user_id).join(User, User.id == Membership.user_id)
    judged = select(Opinion.id).join(Revision, Revision.id == Opinion.revision_id)
    judged = judged.where(
        Opinion.submission_id == Submission.id,
        Opinion.reviewer_id == Membership.user_id,
        Revision.number == Submission.current_revision,
    )
    skipped = select(ReviewSkip.submission_id).where(
        ReviewSkip.submission_id == Submission.id, ReviewSkip.reviewer_id == Membership.user_id
    )
    left = left.where(
        Membership.project_id == Submission.project_id,
        or_(Membership.role == Role.REVIEWER, Membership.role == Role.ADMIN),
        Membership.left_at.is_(None),
        User.disabled_at.is_(None),
        Membership.user_id != Submission.author_id,
        ~judged.correlate(Submission, Membership).exists(),
        ~skipped.correlate(Submission, Membership).exists(),
    )
    nobody = waiting.where(~left.correlate(Submission).exists()).limit(LIMIT).subquery()
    return select(func.count()).select_from(nobody).scalar_subquery()


def in_words(found: Stuck) -> str:
    """What is missing and what to do; nothing where nothing is."""
    said = []
    if found.disputes:
        said.append(f"{_responses(found.disputes)} for a third reviewer to settle what two see differently")
    if found.halves:
        said.append(f"{_responses(found.halves)} for a second opinion")
    if not said:
        return ""
    return (
        f"{', and '.join(said)}: everybody who decides here has judged, written or skipped them. "
        "Make another member a reviewer or an administrator: whoever had no part in it may decide."
    )


def _responses(count: int) -> str:
    """3 responses wait; 100 or more responses wait."""
    return "1 response waits" if count == 1 else f"{count}{' or more' if count == LIMIT else ''} responses wait"
