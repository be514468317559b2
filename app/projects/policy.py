"""Who may do what with a project. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict


def can_create(actor: Actor) -> Verdict:
    """Whether the actor may begin a project."""
    if not actor.is_admin:
        return Verdict("projects.not_an_operator", "Only administrators of this installation make projects.")
    return YES


def can_administer(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may change the rules, the people and the categories of a project."""
    if not actor.administers(project_id):
        return Verdict("projects.not_an_admin", "Only administrators of this project change its rules and people.")
    return YES


def can_archive(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may archive a project and take it up again."""
    if not actor.administers(project_id):
        return Verdict(
            "projects.not_to_archive", "Only administrators of this project archive it and take it up again."
        )
    return YES


def can_propose_wording(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may propose how the guidelines should read: who decides by them."""
    if not actor.reviews(project_id):
        return Verdict("projects.not_a_reviewer", "Only reviewers of this project propose wordings.")
    return YES


def can_take_back_for(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may take another's consent back for them."""
    if not actor.administers(project_id):
        return Verdict(
            "projects.not_an_admin", "Only administrators of this project take others' consent back for them."
        )
    return YES


def can_see_members(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may see who is in a project, with names and addresses."""
    if not actor.administers(project_id):
        return Verdict("projects.not_an_admin", "Only administrators of this project see its people.")
    return YES
