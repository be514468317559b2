"""Who may write, and who may take back what they handed in. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict
from app.projects.models import Project
from app.writing.models import Submission


def can_write(actor: Actor, project: Project) -> Verdict:
    """Whether the actor may write in this project now: every member may, until it is archived."""
    if not actor.writes(project.id):
        return Verdict("writing.not_a_member", "Only members of this project write here.")
    if project.archived_at is not None:
        return Verdict(
            "writing.project_archived",
            "This project is archived. Nothing more is written in it until an administrator takes it up again.",
        )
    return YES


def can_withdraw(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may take this submission back: only the one who wrote it.

    What nobody here wrote, an administrator takes out.
    """
    if submission.author_id is None and not actor.administers(submission.project_id):
        return Verdict("writing.not_to_take_out", "Only administrators of this project take out what was imported.")
    if submission.author_id not in (None, actor.user_id):
        return Verdict("writing.not_the_author", "Only the one who wrote it can withdraw it.")
    return YES


def can_recall(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may put this right before anybody reviews it: only the one who wrote it."""
    if submission.author_id != actor.user_id:
        return Verdict("writing.not_the_author", "Only the one who wrote it can change it.")
    return YES


def can_withdraw_for(actor: Actor, submission: Submission) -> Verdict:
    """Whether the actor may withdraw this submission for whoever wrote it."""
    if not actor.administers(submission.project_id):
        return Verdict("writing.not_an_admin", "Only administrators of this project withdraw what others wrote.")
    if submission.author_id is None:
        return Verdict("writing.nobody_wrote_it", "This was imported: take it out, there is nobody to be told why.")
    if submission.author_id == actor.user_id:
        return Verdict("writing.own_submission", "You wrote this yourself, so withdraw it without a reason.")
    return YES
