"""Who may do what with a run. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict
from app.training.models import Run, RunStatus


def can_see(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may see a project's runs: their reports quote everybody's texts."""
    if not actor.reviews(project_id):
        return Verdict("training.not_a_reviewer", "Only reviewers and administrators of this project see its runs.")
    return YES


def can_ask(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may ask a project's models: one that recites gives away what it was trained on."""
    return can_see(actor, project_id)


def can_start(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may fine-tune on a version of this project."""
    if not actor.administers(project_id):
        return Verdict("training.not_an_admin", "Only administrators of this project start and stop runs.")
    return YES


def can_stop(actor: Actor, run: Run) -> Verdict:
    """Whether the actor may stop this run now."""
    if not (allowed := can_start(actor, run.project_id)):
        return allowed
    if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        return Verdict("training.not_running", "This run is not at work.")
    return YES


def can_resume(actor: Actor, run: Run) -> Verdict:
    """Whether the actor may let this run go on from its last checkpoint."""
    if not (allowed := can_start(actor, run.project_id)):
        return allowed
    if run.status not in (RunStatus.STOPPED, RunStatus.FAILED):
        return Verdict("training.not_stopped", "Only a run that was stopped or has failed can go on.")
    return YES
