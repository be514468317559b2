"""What comes next for a reviewer, taken and read in one guarded statement: the oldest that waits, of all that waits.

Where the guard does not let it through nothing is taken, and `service.take_next` goes the long way: another rule of
order, decisions of theirs that should have been carried out, nothing among the first of the queue.
"""

from typing import Any, NamedTuple

from sqlalchemy import Executable, Integer, and_, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.database import built_once, rows_of
from app.core.hot import as_read, ask_one
from app.core.leases import HOLDER, claiming, free
from app.projects.models import Category, Guidelines, Project, ReviewOrder
from app.review.models import HeldDecision
from app.review.queries import taken_by
from app.review.waiting import PERSON, PROJECT, Choice
from app.writing.models import Revision, Submission, SubmissionStatus

OF_SUBMISSION = (
    "id", "project_id", "prompt_id", "assignment_id", "author_id", "category_id", "current_revision", "submitted_at",
    "disputed_at", "lease_holder_id", "lease_expires_at",
)  # fmt: skip


class Taken(NamedTuple):
    """What its reviewer holds now, with its newest revision, its rules and its category; its writer's pseudonym."""

    submission: Submission
    writer: str


def quick_take(session: Session, actor: Actor, project_id: int) -> Taken | None:
    """Go on with what the actor holds in a project, or lease what comes first. None: nothing was done.

    Where it gives something, none of the actor's own decisions is due. Where its request has written nothing before, it
    is stored when it is done.
    """
    if not actor.reviews(project_id):
        return None
    values = {"person": actor.user_id, "lease_holder": actor.user_id, "project": project_id}
    row = ask_one(session, _taken(), values, alone=True)
    return None if row is None or row.revision_id is None else _read(session, row)


@built_once
def _taken() -> Executable:
    """What is held is looked up without a lock, so it is looked at once more as it is leased."""
    rows, projects, held = rows_of(Submission), rows_of(Project), rows_of(HeldDecision)
    minutes = select(cast(projects.c.lease_minutes, Integer)).where(projects.c.id == PROJECT).scalar_subquery()
    due = select(held.c.submission_id).where(held.c.reviewer_id == PERSON, held.c.settles_at <= func.clock_timestamp())
    by_age = select(projects.c.id).where(projects.c.id == PROJECT, projects.c.review_order == ReviewOrder.OLDEST)
    still = and_(rows.c.status == SubmissionStatus.SUBMITTED, or_(rows.c.lease_holder_id == HOLDER, free(Submission)))
    leased = claiming(Submission, Choice().ids(), before=taken_by()).where(by_age.exists(), ~due.exists(), still)
    leased = leased.values(lease_expires_at=func.now() + func.make_interval(0, 0, 0, 0, 0, minutes))
    taken = leased.returning(*(rows.c[name] for name in OF_SUBMISSION)).cte("taken")
    return _with_its_texts(taken)


def _with_its_texts(taken: Any) -> Executable:
    """Its newest revision, under whose rules it was written. What was handed in meanwhile cannot be read here: None."""
    revisions, rules, categories = rows_of(Revision), rows_of(Guidelines), rows_of(Category)
    members = rows_of(Membership)
    newest = and_(revisions.c.submission_id == taken.c.id, revisions.c.number == taken.c.current_revision)
    writer = and_(members.c.project_id == taken.c.project_id, members.c.user_id == taken.c.author_id)
    of = taken.outerjoin(revisions, newest).outerjoin(rules, rules.c.id == revisions.c.guidelines_id)
    of = of.outerjoin(categories, categories.c.id == taken.c.category_id).outerjoin(members, writer)
    return select(
        *taken.c,
        revisions.c.id.label("revision_id"),
        revisions.c.author_id.label("revised_by"),
        revisions.c.prompt_messages,
        revisions.c.messages,
        revisions.c.created_at.label("revised_at"),
        rules.c.id.label("guidelines_id"),
        rules.c.version,
        rules.c.rubric,
        categories.c.name.label("category"),
        func.coalesce(members.c.pseudonym, literal_column("''")).label("writer"),
    ).select_from(of)


def _read(session: Session, row: Any) -> Taken:
    """What the database has told, told to the ORM."""
    submission = as_read(
        session, Submission, row.id,
        status=SubmissionStatus.SUBMITTED, **{name: getattr(row, name) for name in OF_SUBMISSION},
    )  # fmt: skip
    revision = as_read(
        session, Revision, row.revision_id,
        id=row.revision_id, submission_id=row.id, number=row.current_revision, author_id=row.revised_by,
        prompt_messages=row.prompt_messages, messages=row.messages, guidelines_id=row.guidelines_id,
        created_at=row.revised_at,
    )  # fmt: skip
    rules = as_read(
        session, Guidelines, row.guidelines_id,
        id=row.guidelines_id, project_id=row.project_id, version=row.version, rubric=row.rubric,
    )  # fmt: skip
    category = row.category_id and as_read(
        session, Category, row.category_id, id=row.category_id, project_id=row.project_id, name=row.category
    )
    set_committed_value(revision, "guidelines", rules)
    set_committed_value(submission, "category", category)
    set_committed_value(submission, "revisions", [revision])
    return Taken(submission, row.writer)
