"""A reviewer proposes how a part of the guidelines should read; an administrator takes it over, or declines."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Wording, WordingState
from app.projects.queries import current_guidelines
from tests.cast import Cast
from tests.projects.conftest import Forms
from tests.projects.test_guidelines import revised

OLD = "# Be helpful\n\nAnswer what was asked."
NEW = "# Be helpful\n\nAnswer what was  asked, and what was meant.\n"


@pytest.fixture
def proposed(cast: Cast, forms: Forms, here: str, session: Session) -> Wording:
    """The reviewer's wording of the one part."""
    fields: dict[str, Any] = {
        "version": 1,
        "heading": "Be helpful",
        "text": NEW,
        "reason": "In <half> of all returns.",
    }
    assert forms.post(cast.reviewer, f"{here}/guidelines/wording", **fields).status_code == 303
    return session.scalars(select(Wording)).one()


def state(session: Session) -> tuple[WordingState, int | None]:
    """What became of the proposal, and who said so."""
    session.expire_all()
    found = session.scalars(select(Wording)).one()
    return found.state, found.decided_by


def test_a_reviewer_words_a_part_and_sees_what_becomes_of_it(
    cast: Cast, forms: Forms, here: str, proposed: Wording, session: Session
) -> None:
    assert OLD in cast.reviewer.get(f"{here}/guidelines/wording?heading=Be+helpful").text
    assert "heading=Be%20helpful" in cast.reviewer.get(f"{here}/guidelines/wording").text
    assert proposed.text == NEW
    assert "waits for an administrator" in cast.reviewer.get(f"{here}/guidelines").text
    assert "what was meant" not in cast.second_reviewer.get(f"{here}/guidelines").text
    assert "what was meant" not in cast.author.get(f"{here}/guidelines").text
    assert forms.post(cast.admin, f"{here}/guidelines/wordings/{proposed.id}/decline").status_code == 303
    assert "declined" in cast.reviewer.get(f"{here}/guidelines").text
    again = forms.post(cast.admin, f"{here}/guidelines/wordings/{proposed.id}/decline")
    assert (again.status_code, state(session)[0]) == (409, WordingState.DECLINED)


def test_an_admin_takes_it_over_into_the_next_version(
    cast: Cast, forms: Forms, here: str, proposed: Wording, session: Session
) -> None:
    shown = cast.admin.get(f"{here}/guidelines").text
    assert "what was  asked, and what was meant." in shown
    assert "In &lt;half&gt; of all returns." in shown
    draft = cast.admin.get(f"{here}/guidelines/revise?wording={proposed.id}").text
    assert f"\n{NEW}</textarea>" in draft
    assert revised(cast, forms, NEW, wording=proposed.id).status_code == 303
    assert cast.admin.user
    assert state(session) == (WordingState.TAKEN, cast.admin.user.id)
    assert current_guidelines(session, cast.project.id).text == NEW
    assert "Proposed wordings" not in cast.admin.get(f"{here}/guidelines").text


def test_a_wording_of_what_has_changed_stands_beside_the_draft_alone(
    cast: Cast, forms: Forms, here: str, proposed: Wording
) -> None:
    revised(cast, forms, "# Be helpful\n\nOtherwise.")
    draft = cast.admin.get(f"{here}/guidelines/revise?wording={proposed.id}").text
    assert "Otherwise.</textarea>" in draft
    assert "has changed since" in draft


def test_a_version_that_is_refused_takes_nothing_over(
    cast: Cast, forms: Forms, proposed: Wording, session: Session
) -> None:
    assert revised(cast, forms, NEW, based_on=9, wording=proposed.id).status_code == 409
    assert state(session) == (WordingState.OPEN, None)


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("heading", "Rhyme", 404), ("text", OLD, 422), ("text", " ", 422), ("version", 9, 404)],
)
def test_what_is_no_part_or_no_change_is_refused(
    cast: Cast, forms: Forms, here: str, field: str, value: Any, status: int
) -> None:
    fields = {"version": 1, "heading": "Be helpful", "text": NEW} | {field: value}
    assert forms.post(cast.reviewer, f"{here}/guidelines/wording", **fields).status_code == status
    assert cast.reviewer.get(f"{here}/guidelines/wording?heading=Rhyme").status_code == 404


def test_only_reviewers_propose_and_only_admins_decide(
    cast: Cast, forms: Forms, here: str, proposed: Wording, session: Session
) -> None:
    fields = {"version": 1, "heading": "Be helpful", "text": NEW}
    assert forms.post(cast.author, f"{here}/guidelines/wording", **fields).status_code == 403
    assert forms.post(cast.outsider, f"{here}/guidelines/wording", **fields).status_code == 404
    for who, status in ((cast.reviewer, 403), (cast.outsider, 404)):
        assert forms.post(who, f"{here}/guidelines/wordings/{proposed.id}/decline").status_code == status
    elsewhere = f"/projects/{cast.other_project.id}/guidelines/wordings/{proposed.id}/decline"
    assert forms.post(cast.outsider, elsewhere).status_code == 404
    assert state(session)[0] is WordingState.OPEN
