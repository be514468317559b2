"""Do a new writer's first responses leave room for another, and are enough of them approved by now?"""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict
from app.projects.models import Project
from app.projects.qualifying import Standing, is_asked, is_qualified, note_qualified
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus

TURNED_DOWN = (SubmissionStatus.REJECTED, SubmissionStatus.WITHDRAWN)


def standing(session: Session, actor: Actor, project: Project) -> Standing:
    """How far the actor is on the way to the open queue."""
    return standing_of(session, project, actor.user_id) if is_asked(actor, project) else Standing(True)


def standing_of(session: Session, project: Project, user_id: int, *, lock: bool = False) -> Standing:
    """The same of anybody. With `lock`, the next who counts this person's responses waits for us."""
    if is_qualified(session, project, user_id, lock=lock):
        return Standing(True)
    alive = select(func.count(), func.count().filter(Submission.status == SubmissionStatus.APPROVED)).where(
        Submission.author_id == user_id,
        Submission.project_id == project.id,
        Submission.status.not_in(TURNED_DOWN),
    )
    handed_in, approved = session.execute(alive).one()
    return Standing(approved >= project.qualification, handed_in, approved, project.qualification)


def require_place(session: Session, actor: Actor, project: Project, *, begins: bool) -> None:
    """Conflict, with the actor's standing, while their first responses are all written and not all approved.

    `begins`: something new is begun, so what they have begun already counts too. A response that was rejected or
    withdrawn makes room for another.
    """
    if not is_asked(actor, project):
        return
    now = standing_of(session, project, actor.user_id, lock=True)
    if now.qualified:
        return
    drafts = session.scalar(begun(actor, project)) or 0 if begins else 0
    if now.handed_in + drafts < now.wanted:
        return
    said = f"You begin with {now.wanted} responses, of which {now.approved} are approved. "
    rest = "Go on with the drafts that you have begun." if drafts else "The queue opens when all of them are."
    told = Conflict("writing.calibrating", said + rest, handed_in=now.handed_in, approved=now.approved)
    told.title = "Your first responses are being read"
    raise told


def qualify_if_enough(session: Session, submission: Submission) -> None:
    """A response was approved: open the queue to its author where that was the last one needed."""
    project = session.get_one(Project, submission.project_id)
    if project.qualification == 0 or submission.author_id is None:
        return
    now = standing_of(session, project, submission.author_id, lock=True)
    if now.qualified and now.wanted:
        note_qualified(session, project.id, submission.author_id)


def calibration_note(session: Session, project: Project, submission: Submission) -> list[str]:
    """What a reviewer should know of a response by which its writer qualifies; nothing of any other."""
    if submission.author_id is None or (now := standing_of(session, project, submission.author_id)).qualified:
        return []
    return [f"A calibration response: {now.approved} of its writer’s first {now.wanted} are approved"]


def begun(actor: Actor, project: Project) -> Select[Any]:
    """How many drafts of the actor's own have never been handed in."""
    handed_in = select(Submission.id).where(Submission.assignment_id == Assignment.id)
    return select(func.count()).where(
        Assignment.writer_id == actor.user_id,
        Assignment.project_id == project.id,
        Assignment.status == AssignmentStatus.DRAFTING,
        ~handed_in.exists(),
    )
