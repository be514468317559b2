"""Who may do what with a dataset. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict


def can_see(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may see a project's datasets: they hold everybody's texts."""
    if not actor.reviews(project_id):
        return Verdict("datasets.not_a_reviewer", "Only reviewers and administrators of this project see its datasets.")
    return YES


def can_publish(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may make datasets and publish versions."""
    if not actor.administers(project_id):
        return Verdict("datasets.not_an_admin", "Only administrators of this project publish datasets.")
    return YES
