"""Who may compare, and who sees what comes of it. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict


def can_compare(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may judge pairs: every member may. Which ones, the queue says."""
    if not actor.writes(project_id):
        return Verdict("preferences.not_a_member", "Only members of this project compare responses.")
    return YES


def can_see_figures(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may see what people prefer: figures over all sources, never the source of one response."""
    if not actor.reviews(project_id):
        return Verdict("preferences.not_a_reviewer", "Only reviewers and administrators see what people prefer.")
    return YES


def can_see_who_judged(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may see by name how somebody judged."""
    if not actor.administers(project_id):
        return Verdict("preferences.not_an_admin", "Only administrators of this project see who judged how.")
    return YES


def can_make(actor: Actor, project_id: int) -> Verdict:
    """Whether the actor may make and close comparison sets."""
    if not actor.administers(project_id):
        return Verdict("preferences.not_an_admin", "Only administrators of this project make comparison sets.")
    return YES
