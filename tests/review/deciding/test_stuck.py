"""Where two differ and nobody is left to settle it, the administrator hears so, with what to do."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role
from app.review.deciding.stuck import Stuck, stuck
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided, took

SAID = "1 response waits for a third reviewer to settle what two see differently"


@pytest.fixture(autouse=True)
def _two_are_asked_for(cast: Cast, session: Session) -> None:
    """The project of these tests wants two opinions."""
    session.execute(text("UPDATE projects SET reviews_per_response = 2"))
    session.commit()


def role(session: Session, cast: Cast, who: Client, role: Role) -> None:
    """What somebody does from now on."""
    assert who.user
    session.get_one(Membership, (cast.project.id, who.user.id)).role = role
    session.commit()


def seen(cast: Cast, who: Client) -> list[bool]:
    """Whether the project's home and its queue say that nobody is left."""
    here = f"/projects/{cast.project.id}"
    return [SAID in who.get(page).text for page in (here, f"{here}/review")]


def test_a_dispute_without_a_third_is_told_to_the_admin_until_there_is_one(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    role(session, cast, cast.second_reviewer, Role.ANNOTATOR)
    decided(cast.reviewer, waiting)
    decided(cast.admin, waiting, "rejected", note="No.")
    assert seen(cast, cast.admin) == [True, True]
    assert seen(cast, cast.reviewer) == [False, False]
    role(session, cast, cast.author, Role.REVIEWER)
    assert seen(cast, cast.admin) == [True, True], "its author is no third"
    role(session, cast, cast.second_reviewer, Role.REVIEWER)
    assert seen(cast, cast.admin) == [False, False]


def test_an_admin_who_gave_no_opinion_settles_it(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.reviewer, waiting)
    decided(cast.second_reviewer, waiting, "rejected", note="No.")
    assert stuck(session, cast.admin.actor, cast.project.id) == Stuck(0, 0)
    took(cast.admin, cast.project.id)
    assert decided(cast.admin, waiting).status_code == 201


def test_who_has_skipped_it_is_not_left_and_a_second_opinion_can_be_missing_too(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    first, second = hand_in(cast.author), hand_in(cast.author)
    decided(cast.reviewer, first)
    for who in (cast.second_reviewer, cast.admin):
        assert who.api("POST", f"/api/v1/submissions/{first.id}/skip").status_code == 204
    decided(cast.reviewer, second)
    decided(cast.second_reviewer, second, "rejected", note="No.")
    assert stuck(session, cast.admin.actor, cast.project.id) == Stuck(0, 1)
    cast.admin.api("POST", f"/api/v1/submissions/{second.id}/skip")
    assert stuck(session, cast.admin.actor, cast.project.id) == Stuck(1, 1)
    assert "1 response waits for a second opinion" in cast.admin.get(f"/projects/{cast.project.id}").text


def test_an_old_revisions_opinions_hold_nobody_back(cast: Cast, waiting: Submission, session: Session) -> None:
    role(session, cast, cast.second_reviewer, Role.ANNOTATOR)
    for who in (cast.reviewer, cast.admin):
        decided(who, waiting, "changes_requested", note="More, please.")
    draft = f"/api/v1/assignments/{waiting.assignment_id}"
    cast.author.api("PUT", f"{draft}/draft", messages=factories.answered("More."), revision=1)
    cast.author.api("POST", f"{draft}/hand-in", draft_revision=2)
    assert stuck(session, cast.admin.actor, cast.project.id) == Stuck(0, 0)
