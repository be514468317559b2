"""The rules of accounts, as tables."""

import pytest

from app.accounts import policy
from app.accounts.actor import Actor
from app.accounts.models import SCOPES, Role

NOBODY = Actor(1, "Nobody")
WRITER = Actor(2, "Writer", roles={10: Role.ANNOTATOR})
REVIEWER = Actor(3, "Reviewer", roles={10: Role.REVIEWER})
ADMIN = Actor(4, "Admin", roles={10: Role.ADMIN, 11: Role.REVIEWER})
OPERATOR = Actor(5, "Operator", is_admin=True)


@pytest.mark.parametrize(
    ("actor", "writes", "reviews", "administers"),
    [
        (NOBODY, False, False, False),
        (WRITER, True, False, False),
        (REVIEWER, True, True, False),
        (ADMIN, True, True, True),
        (OPERATOR, False, False, False),
    ],
)
def test_each_role_may_what_those_before_it_may(actor: Actor, writes: bool, reviews: bool, administers: bool) -> None:
    assert (actor.writes(10), actor.reviews(10), actor.administers(10)) == (writes, reviews, administers)
    assert (actor.writes(12), actor.reviews(12), actor.administers(12)) == (False, False, False)


@pytest.mark.parametrize(
    ("actor", "invites", "runs_site"),
    [
        (NOBODY, False, False),
        (WRITER, False, False),
        (REVIEWER, False, False),
        (ADMIN, True, False),
        (OPERATOR, True, True),
    ],
)
def test_who_invites_and_who_runs_the_installation(actor: Actor, invites: bool, runs_site: bool) -> None:
    assert bool(policy.can_invite(actor)) is invites
    assert bool(policy.can_run_site(actor)) is runs_site


@pytest.mark.parametrize(
    ("actor", "is_admin", "member_of", "holds"),
    [
        (ADMIN, False, set(), True),
        (ADMIN, False, {10}, True),
        (ADMIN, False, {11}, False),
        (ADMIN, False, {10, 12}, False),
        (ADMIN, True, {10}, False),
        (OPERATOR, True, {10, 12}, True),
        (REVIEWER, False, {10}, False),
    ],
)
def test_who_may_hold_the_invitation_of_an_account(
    actor: Actor, is_admin: bool, member_of: set[int], holds: bool
) -> None:
    assert bool(policy.can_hold_invitation(actor, is_admin=is_admin, member_of=member_of)) is holds


def test_a_refusal_says_why() -> None:
    for verdict in (policy.can_invite(WRITER), policy.can_run_site(ADMIN)):
        assert verdict.code.startswith("accounts.")
        assert verdict.sentence.endswith(".")


def test_no_scope_reaches_drafts_or_people() -> None:  # S59
    assert not {scope for scope in SCOPES if scope.split(":")[0] in ("drafts", "accounts", "people", "tokens", "roles")}
