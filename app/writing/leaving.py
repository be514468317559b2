"""How does a writer leave a prompt to others? By a skip or a report, each with a reason. Verbs write, never commit."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.text import is_blank
from app.prompts import reports, slots
from app.prompts.models import Prompt, ReportReason
from app.writing.assignments import lock_assignment
from app.writing.drafts import left
from app.writing.models import Assignment, AssignmentStatus, SkipKind
from app.writing.queries import get_assignment_for, submission_of


def skip(
    session: Session, actor: Actor, assignment_id: int, *, reason: str = "", kind: SkipKind = SkipKind.OTHER
) -> None:
    """Give a prompt back to others, with the reason. The draft stays the writer's; they are not offered it again.

    Where five writers since its approval could not tell what is asked, or ten left it for whatever lies in the prompt,
    it goes back to those who decide on it.
    """
    if kind is SkipKind.OTHER and is_blank(reason):
        raise Invalid("writing.no_reason", "Say why, so that others can mend it.", Place("/reason", "is missing"))
    assignment = lock_assignment(session, actor, assignment_id)
    if submission_of(session, assignment.id) is not None:
        raise Conflict("writing.already_handed_in", "This was handed in before: withdraw it instead of skipping it.")
    open_one = update(Assignment).where(Assignment.id == assignment.id, Assignment.status == AssignmentStatus.DRAFTING)
    open_one = open_one.values(status=AssignmentStatus.SKIPPED, skip_kind=kind, skip_reason=reason)
    change_one(session, open_one, otherwise=left(assignment))
    if assignment.slot_id is not None:
        slots.give_back(session, assignment.slot_id, actor.user_id)
    if assignment.prompt_id is not None:
        slots.pass_by(session, assignment.prompt_id, actor.user_id)
    record(
        session,
        "writing.skipped",
        "assignment",
        assignment.id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=assignment.project_id,
    )
    if kind is not SkipKind.NOT_MY_FIELD and assignment.prompt is not None:
        _send_back_if_left(session, actor, assignment.prompt)


def report(session: Session, actor: Actor, assignment_id: int, *, reason: ReportReason, note: str) -> None:
    """Say that the prompt is bad, and leave it."""
    assignment = get_assignment_for(session, actor, assignment_id)
    if assignment.prompt_id is None:
        raise Conflict("writing.own_pair", "You make up this prompt yourself: mend it, or drop the pair.")
    skip(session, actor, assignment_id, reason=f"Reported: {reason.value}")
    reports.report(session, actor, assignment.prompt_id, reason, note)


def _send_back_if_left(session: Session, actor: Actor, prompt: Prompt) -> None:
    of_it = (Assignment.prompt_id == prompt.id, Assignment.skip_kind.is_not(None))
    left = select(Assignment.skip_kind).where(*of_it, Assignment.skip_kind != SkipKind.NOT_MY_FIELD)
    if prompt.decided_at is not None:
        left = left.where(Assignment.created_at >= prompt.decided_at)
    said = session.scalars(left.limit(reports.ENOUGH_LEFT)).all()
    if len(said) >= reports.ENOUGH_LEFT or said.count(SkipKind.UNCLEAR) >= reports.ENOUGH_SKIPS:
        reports.send_back(session, actor, prompt.id)
