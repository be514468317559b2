"""Who may do what with accounts. Pure: no session, no clock, no request."""

from collections.abc import Set as AbstractSet

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.core.errors import YES, Verdict


def can_run_site(actor: Actor) -> Verdict:
    """Whether the actor sees and changes the people of this installation."""
    if actor.is_admin:
        return YES
    return Verdict("accounts.not_an_administrator", "Only administrators of this Penset see and change its people.")


def can_invite(actor: Actor) -> Verdict:
    """Whether the actor may bring in somebody new: who runs the installation or any project."""
    if actor.is_admin or Role.ADMIN in actor.roles.values():
        return YES
    return Verdict("accounts.may_not_invite", "Only administrators invite people.")


def can_hold_invitation(actor: Actor, *, is_admin: bool, member_of: AbstractSet[int]) -> Verdict:
    """Whether the actor may hold a link by which somebody joins as this account, and thus could join as it.

    Who runs one project must not enter another one through the account of somebody who is a member of both.
    """
    if actor.is_admin or (not is_admin and all(actor.administers(project_id) for project_id in member_of)):
        return YES
    return Verdict("accounts.may_not_hold_invitation", "An administrator of this Penset can make a link for them.")
