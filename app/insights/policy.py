"""Who may look after the installation. Pure: no session, no clock, no request."""

from app.accounts.actor import Actor
from app.core.errors import YES, Verdict


def can_operate(actor: Actor) -> Verdict:
    """Whether the actor sees jobs and the audit log of the whole installation."""
    if not actor.is_admin:
        return Verdict("insights.not_an_operator", "Only administrators of this installation see this.")
    return YES
