"""What an actor can see of what people wrote. Nothing here writes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, TextClause, bindparam, func, or_, select, text
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.errors import NotFound
from app.core.hot import as_read, ask, ask_one
from app.core.paging import PAGE_SIZE
from app.projects.models import HintName, Project
from app.prompts.models import Prompt, PromptStatus, Slot
from app.writing.models import Assignment, AssignmentStatus, Draft, Revision, SkipKind, Submission, SubmissionStatus

COUNT_LIMIT = 100
NEWCOMER_APPROVALS = 10
DRAFTS_SHOWN = 100
# What is locked is read as it is after the wait; whoever changes a project or a prompt need not wait.
_LOCKED = """
SELECT a.id, a.project_id, a.prompt_id, a.category_id, a.slot_id, a.is_pair, a.status, a.skip_kind, a.skip_reason,
    a.created_at, d.prompt_messages AS asked, d.messages, d.revision, d.caret, d.provenance, d.saved_at,
    j.language, j.licence, j.lease_minutes, j.min_characters, j.max_characters, j.qualification, j.allow_system,
    j.keeps_provenance, j.follows_advice, j.follows_need, j.blocking_hints, j.consent_text, j.archived_at,
    p.messages AS prompt_messages, p.language AS prompt_language,
    EXISTS (SELECT FROM submissions s WHERE s.assignment_id = a.id) AS handed_in{also}
FROM assignments a JOIN drafts d ON d.assignment_id = a.id JOIN projects j ON j.id = a.project_id
    LEFT JOIN prompts p ON p.id = a.prompt_id
WHERE a.id = :id AND a.writer_id = :person FOR UPDATE OF a, d
"""
LOCKED = text(_LOCKED.format(also=""))
# The same for a hand-in, with whether its writer has begun something else here and left it empty: nearly always not.
LOCKED_TO_HAND_IN = text(
    _LOCKED.format(
        also=""",
    EXISTS (SELECT FROM assignments o JOIN drafts e ON e.assignment_id = o.id
        WHERE o.writer_id = a.writer_id AND o.project_id = a.project_id AND o.status = 'drafting' AND NOT o.is_pair
            AND o.id <> a.id AND e.revision = 0) AS begun_in_vain"""
    )
)
HANDED_IN = text("SELECT id FROM submissions WHERE assignment_id = :assignment")


def own_assignments(actor: Actor) -> Select[Assignment]:
    """The actor's own work in projects of theirs: drafts are their writer's alone until they are handed in."""
    return select(Assignment).where(Assignment.writer_id == actor.user_id, Assignment.project_id.in_(actor.roles))


def submissions_visible_to(actor: Actor) -> Select[Submission]:
    """The actor's own submissions, and all of the projects in which the actor reviews."""
    return _visible(actor.user_id, actor.roles, actor.reviewed_projects())


def _visible(person: Any, member_of: Any, reviewer_of: Any) -> Select[Submission]:
    reviewed = Submission.project_id.in_(reviewer_of)
    return select(Submission).where(Submission.project_id.in_(member_of), own_or_reviewed(person, reviewed))


def visible_among(session: Session, actor: Actor, submission_ids: Sequence[int]) -> set[int]:
    """Those of these submissions that the actor may see."""
    values = {"person": actor.user_id, "member": list(actor.roles), "reviewer": actor.reviewed_projects()}
    return set(session.scalars(_visible_among(), {"submissions": list(submission_ids), **values}))


@built_once
def _visible_among() -> Select[int]:
    seen = _visible(bindparam("person"), bindparam("member", expanding=True), bindparam("reviewer", expanding=True))
    return seen.where(Submission.id.in_(bindparam("submissions", expanding=True))).with_only_columns(Submission.id)


def own_or_reviewed(person: Any, reviewed: ColumnElement[bool]) -> ColumnElement[bool]:
    """What a member may see of what was handed in; `reviewed`: whether this person reviews there."""
    return or_(Submission.author_id == person, reviewed)


def passed_over_by(person: ColumnElement[int]) -> Select[int]:
    """For `slots.claim_next`: prompts not offered to a person: sent back, their own, written on or skipped."""
    seen = select(Assignment.id).where(Assignment.prompt_id == Prompt.id, Assignment.writer_id == person)
    gone_back = Prompt.status != PromptStatus.APPROVED
    return (
        select(Prompt.id)
        .where(Prompt.id == Slot.prompt_id, or_(gone_back, Prompt.author_id == person, seen.exists()))
        .correlate(Slot)
    )


def get_assignment_for(session: Session, actor: Actor, assignment_id: int, *, lock: bool = False) -> Assignment:
    """The actor's own assignment with its project, draft and prompt, as they are now. NotFound for anybody else's."""
    asked = {"id": assignment_id, "person": actor.user_id}
    found = _locked(session, LOCKED, asked)[0] if lock else session.scalar(_assignment(), asked)
    if found is None or found.project_id not in actor.roles:
        raise no_assignment()
    return found


class Locked(NamedTuple):
    """An assignment that is to be handed in, locked; what was handed in from it before; whether its writer has begun
    something else in the project and left it empty."""

    assignment: Assignment
    submission: Submission | None
    begun_in_vain: bool


def lock_to_hand_in(session: Session, actor: Actor, assignment_id: int) -> Locked:
    """The same, locked, and what there is beside it."""
    found, row = _locked(session, LOCKED_TO_HAND_IN, {"id": assignment_id, "person": actor.user_id})
    if found is None or found.project_id not in actor.roles:
        raise no_assignment()
    # Whether anything was is seen as it was before the wait for the lock; `entering` looks again.
    was = row.handed_in or found.status is not AssignmentStatus.DRAFTING
    return Locked(found, submission_of(session, found.id) if was else None, row.begun_in_vain)


def no_assignment() -> NotFound:
    """What whoever asks for somebody else's hears, and for one that never was."""
    return NotFound("writing.no_assignment", "There is no such draft of yours.")


@built_once
def _assignment() -> Select[Assignment]:
    mine = select(Assignment).where(Assignment.id == bindparam("id"), Assignment.writer_id == bindparam("person"))
    mine = mine.join(Assignment.draft).options(
        contains_eager(Assignment.draft),
        joinedload(Assignment.project, innerjoin=True),
        joinedload(Assignment.prompt).joinedload(Prompt.category),
    )
    return mine.execution_options(populate_existing=True)


def _locked(session: Session, statement: TextClause, asked: dict[str, int]) -> tuple[Assignment | None, Any]:
    """It, locked, and the row that told of it. Of project and prompt come the columns that writing looks at."""
    session.flush()
    found = ask_one(session, statement, asked)
    if found is None:
        return None, None
    draft = as_read(
        session, Draft, found.id,
        assignment_id=found.id, prompt_messages=found.asked, messages=found.messages, revision=found.revision,
        caret=found.caret, provenance=found.provenance, saved_at=found.saved_at,
    )  # fmt: skip
    project = as_read(
        session, Project, found.project_id,
        id=found.project_id, language=found.language, licence=found.licence, lease_minutes=found.lease_minutes,
        min_characters=found.min_characters, max_characters=found.max_characters, qualification=found.qualification,
        allow_system=found.allow_system, keeps_provenance=found.keeps_provenance, follows_advice=found.follows_advice,
        follows_need=found.follows_need,
        blocking_hints=[HintName(one) for one in found.blocking_hints], consent_text=found.consent_text,
        archived_at=found.archived_at,
    )  # fmt: skip
    prompt = found.prompt_id and as_read(
        session, Prompt, found.prompt_id,
        id=found.prompt_id, project_id=found.project_id, messages=found.prompt_messages, language=found.prompt_language,
    )  # fmt: skip
    assignment = as_read(
        session, Assignment, found.id,
        id=found.id, project_id=found.project_id, writer_id=asked["person"], prompt_id=found.prompt_id,
        category_id=found.category_id, slot_id=found.slot_id, is_pair=found.is_pair,
        status=AssignmentStatus(found.status), skip_kind=found.skip_kind and SkipKind(found.skip_kind),
        skip_reason=found.skip_reason, created_at=found.created_at,
    )  # fmt: skip
    for name, one in {"draft": draft, "project": project, "prompt": prompt}.items():
        set_committed_value(assignment, name, one)
    return assignment, found


def get_submission_for(session: Session, actor: Actor, submission_id: int) -> Submission:
    """The submission with its revisions, prompt, author and category. NotFound where it is not for this actor."""
    values = {"person": actor.user_id, "member": list(actor.roles), "reviewer": actor.reviewed_projects()}
    found = session.scalars(_submission(), {"id": submission_id, **values}).unique().one_or_none()
    if found is None:
        raise NotFound("writing.no_submission", "There is no such submission.")
    return found


@built_once
def _submission() -> Select[Submission]:
    seen = _visible(bindparam("person"), bindparam("member", expanding=True), bindparam("reviewer", expanding=True))
    seen = seen.where(Submission.id == bindparam("id")).options(
        joinedload(Submission.prompt),
        joinedload(Submission.author),
        joinedload(Submission.category),
        joinedload(Submission.revisions).joinedload(Revision.guidelines),  # few, and most often one
    )
    return seen.execution_options(populate_existing=True)


def own_submission(session: Session, actor: Actor, submission_id: int) -> Submission | None:
    """What the actor handed in themselves, with its prompt and category, or None where it is nothing of theirs."""
    mine = submissions_visible_to(actor).where(Submission.id == submission_id, Submission.author_id == actor.user_id)
    return session.scalar(mine.options(joinedload(Submission.prompt), joinedload(Submission.category)))


def submission_of(session: Session, assignment_id: int) -> Submission | None:
    """What was handed in from an assignment, with its revisions and their guidelines, if anything was."""
    asked = {"assignment": assignment_id}
    return session.scalar(_submission_of(), asked) if ask(session, HANDED_IN, asked) else None


@built_once
def _submission_of() -> Select[Submission]:
    of_it = select(Submission).where(Submission.assignment_id == bindparam("assignment"))
    revisions = selectinload(Submission.revisions).joinedload(Revision.guidelines)
    return of_it.options(revisions).execution_options(populate_existing=True)


def list_drafts(session: Session, actor: Actor, *, project_id: int | None = None) -> Sequence[Assignment]:
    """The actor's open drafts with their prompts, the one saved last first, at most 100."""
    mine = own_assignments(actor).where(Assignment.status == AssignmentStatus.DRAFTING)
    if project_id is not None:
        mine = mine.where(Assignment.project_id == project_id)
    mine = mine.join(Assignment.draft).order_by(Draft.saved_at.desc(), Assignment.id.desc()).limit(DRAFTS_SHOWN)
    return session.scalars(mine.options(joinedload(Assignment.draft), joinedload(Assignment.prompt))).all()


def list_own_submissions(session: Session, actor: Actor, *, before: int | None = None) -> Sequence[Submission]:
    """Up to one more than a page of the actor's own submissions with their prompts, newest first, below id `before`."""
    mine = submissions_visible_to(actor).where(Submission.author_id == actor.user_id)
    if before is not None:
        mine = mine.where(Submission.id < before)
    mine = mine.order_by(Submission.id.desc()).limit(PAGE_SIZE + 1)
    return session.scalars(mine.options(joinedload(Submission.prompt), joinedload(Submission.category))).all()


def changes_asked_of(session: Session, actor: Actor) -> Sequence[Submission]:
    """The actor's own submissions that wait for a new revision, with their prompts, oldest decision first."""
    mine = submissions_visible_to(actor).where(
        Submission.author_id == actor.user_id, Submission.status == SubmissionStatus.CHANGES_REQUESTED
    )
    mine = mine.order_by(Submission.decided_at, Submission.id).limit(DRAFTS_SHOWN)
    return session.scalars(mine.options(joinedload(Submission.prompt), joinedload(Submission.category))).all()


def drafts_of(person: ColumnElement[int], project: ColumnElement[int]) -> ScalarSelect[int]:
    """SQL for how many drafts of somebody's own are open in a project, counted up to 100."""
    mine = select(Assignment.id).where(
        Assignment.writer_id == person,
        Assignment.project_id == project,
        Assignment.status == AssignmentStatus.DRAFTING,
    )
    return select(func.count()).select_from(mine.limit(COUNT_LIMIT).subquery()).scalar_subquery()


def worked_in_last(session: Session, actor: Actor) -> list[int]:
    """The ids of the projects in which the actor took up work, the last one first. One probe of an index a project."""
    mine = select(func.max(Assignment.id)).where(
        Assignment.writer_id == actor.user_id, Assignment.project_id == Project.id
    )
    last = mine.scalar_subquery().label("last")
    worked = select(Project.id, last).where(Project.id.in_(actor.roles)).subquery()
    return list(session.scalars(select(worked.c.id).where(worked.c.last.is_not(None)).order_by(worked.c.last.desc())))
