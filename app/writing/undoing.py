"""Can a writer take the skip of a moment ago back? While nobody else took the prompt. Verbs write, never commit."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import AuditEntry, record
from app.core.database import change_one
from app.core.errors import Conflict
from app.projects.queries import get_project_for
from app.prompts import slots
from app.prompts.models import Prompt, PromptReport, PromptStatus
from app.writing.assignments import lock_assignment
from app.writing.models import Assignment, AssignmentStatus
from app.writing.policy import can_write
from app.writing.queries import own_assignments
from app.writing.shares import has_room, require_share

SECONDS = 10


@dataclass(frozen=True)
class Skipped:
    """What was left a moment ago, and for how many seconds that can be taken back."""

    assignment_id: int
    is_pair: bool
    seconds: int


def undoable(session: Session, actor: Actor, assignment_id: int) -> Skipped | None:
    """The actor's own skip, while there is time to take it back."""
    mine = own_assignments(actor).where(Assignment.id == assignment_id, Assignment.status == AssignmentStatus.SKIPPED)
    left = session.scalar(mine)
    seconds = _seconds_left(session, assignment_id) if left else 0
    project = get_project_for(session, actor, left.project_id) if left else None
    if project and not (can_write(actor, project) and has_room(session, actor, project)):
        return None
    return Skipped(left.id, left.is_pair, int(seconds)) if left and seconds >= 1 else None


def undo_skip(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Take the prompt back with its draft, as if it had not been skipped: that skip is not counted any more.

    Conflict where the time is over, somebody else took the prompt, it is no longer on offer, or what they have begun
    since is all that one person may write.
    """
    assignment = lock_assignment(session, actor, assignment_id)
    project = get_project_for(session, actor, assignment.project_id)
    can_write(actor, project).require()
    if assignment.status is AssignmentStatus.SKIPPED:
        require_share(session, actor, project)
    again = update(Assignment).where(Assignment.id == assignment.id, Assignment.status == AssignmentStatus.SKIPPED)
    again = again.values(status=AssignmentStatus.DRAFTING, skip_kind=None, skip_reason="")
    change_one(session, again, otherwise=Conflict("writing.not_skipped", "This is not skipped, or no longer."))
    if _seconds_left(session, assignment.id) <= 0:
        raise Conflict("writing.too_late_to_undo", "The time to take the skip back is over. Your draft is kept.")
    if assignment.prompt_id is not None:
        assignment.slot_id = _taken_again(session, actor, assignment.prompt_id, project.lease_minutes)
    record(
        session, "writing.skip_undone", "assignment", assignment.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project.id,
    )  # fmt: skip
    return assignment


def _taken_again(session: Session, actor: Actor, prompt_id: int, minutes: int) -> int:
    """The slot that the actor holds now. Who reported the prompt, or sent it back by the skip, has no claim on it."""
    reported = select(PromptReport.id).where(PromptReport.prompt_id == prompt_id)
    reported = reported.where(PromptReport.reporter_id == actor.user_id)
    offered = select(Prompt.id).where(Prompt.id == prompt_id, Prompt.status == PromptStatus.APPROVED)
    if session.scalar(offered.where(~reported.exists()).with_for_update(key_share=True)) is None:
        raise Conflict("writing.not_on_offer", "This prompt is with the reviewers now. Your draft is kept.")
    slot = slots.claim_of(session, actor, prompt_id, minutes)
    if slot is None:
        raise Conflict("writing.taken_meanwhile", "Somebody else took this prompt meanwhile. Your draft is kept.")
    return slot.id


def _seconds_left(session: Session, assignment_id: int) -> float:
    """How long the newest skip can still be taken back, by the clock of the database."""
    of_it = (AuditEntry.subject == "assignment", AuditEntry.subject_id == assignment_id)
    skipped = select(func.extract("epoch", func.now() - func.max(AuditEntry.at)))
    age = session.scalar(skipped.where(*of_it, AuditEntry.action == "writing.skipped"))
    return 0 if age is None else SECONDS - float(age)
