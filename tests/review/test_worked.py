"""An admin puts decided responses on the guidelines page, good and bad, each with why; reviewers meet them no more."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.review.models import GoldItem
from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided
from tests.review.test_gold import WHY, marked
from tests.writing import work


@pytest.fixture(autouse=True)
def _examples_are_shown(cast: Cast, session: Session) -> None:
    """The project of these tests lets its writers see examples."""
    session.execute(update(Project).where(Project.id == cast.project.id).values(shows_examples=True))
    session.commit()


@pytest.fixture
def known(cast: Cast, hand_in: HandIn) -> Submission:
    """A submission that was rejected, and for which the admin vouches."""
    made = hand_in(cast.author, "It just is.", asked="Why is the sky blue?")
    assert decided(cast.reviewer, made, "rejected", note="No.").status_code == 201
    assert marked(cast.admin, made, "rejected").status_code == 303
    return made


def shown(client: Client, submission: Submission) -> int:
    """The press of "Show it as a worked example": the status of the answer."""
    return int(work.post(client, f"/submissions/{submission.id}/gold/show").status_code)


def guidelines(client: Client, cast: Cast) -> str:
    return client.get(f"/projects/{cast.project.id}/guidelines").text


def test_what_is_shown_stands_on_the_guidelines_page_with_why_and_no_name(cast: Cast, known: Submission) -> None:
    assert "Worked examples" not in guidelines(cast.author, cast)
    assert shown(cast.admin, known) == 303
    page = guidelines(cast.second_author, cast)
    for words in ("Worked examples", "Why is the sky blue?", "It just is.", WHY, 'data-state="rejected"'):
        assert words in page
    assert "Ann" not in page[page.index("Worked examples") :]
    assert work.post(cast.admin, f"/submissions/{known.id}/gold/hide").status_code == 303
    assert "Worked examples" not in guidelines(cast.author, cast)


def test_what_is_shown_is_met_by_no_reviewer_until_it_is_vouched_for_anew(
    cast: Cast, known: Submission, session: Session
) -> None:
    live = select(func.count()).select_from(GoldItem).where(GoldItem.retired_at.is_(None))
    assert session.scalar(live) == 1
    assert shown(cast.admin, known) == 303
    assert session.scalar(live) == 0
    assert marked(cast.admin, known, "rejected").status_code == 303
    assert session.scalar(live) == 1
    assert "Worked examples" not in guidelines(cast.author, cast)


def test_what_is_good_comes_first(cast: Cast, hand_in: HandIn, known: Submission) -> None:
    good = hand_in(cast.second_author, "Air scatters blue light most.", asked="And why blue?")
    assert decided(cast.reviewer, good).status_code == 201
    assert marked(cast.admin, good).status_code == 303
    assert [shown(cast.admin, one) for one in (good, known)] == [303, 303]
    page = guidelines(cast.author, cast)
    assert page.index("And why blue?") < page.index("It just is.")
    listed = cast.author.get(f"/api/v1/projects/{cast.project.id}/worked-examples").json()["examples"]
    assert [(one["submission_id"], one["decision"], one["note"]) for one in listed] == [
        (good.id, "approved", WHY),
        (known.id, "rejected", WHY),
    ]


def test_without_the_projects_consent_none_is_shown(cast: Cast, known: Submission, session: Session) -> None:
    assert shown(cast.admin, known) == 303
    session.execute(update(Project).values(shows_examples=False))
    session.commit()
    assert "It just is." not in guidelines(cast.author, cast)
    assert cast.author.get(f"/api/v1/projects/{cast.project.id}/worked-examples").json() == {"examples": []}
    assert work.post(cast.admin, f"/submissions/{known.id}/gold/hide").status_code == 303
    assert shown(cast.admin, known) == 409


def test_what_its_writer_withdraws_is_shown_no_more(cast: Cast, hand_in: HandIn) -> None:
    good = hand_in(cast.author, "Air scatters blue light most.")
    assert decided(cast.reviewer, good).status_code == 201
    assert marked(cast.admin, good).status_code == 303
    assert shown(cast.admin, good) == 303
    assert "Air scatters" in guidelines(cast.second_author, cast)
    assert cast.author.api("POST", f"/api/v1/submissions/{good.id}/withdraw").status_code == 200
    assert "Air scatters" not in guidelines(cast.second_author, cast)


def test_only_an_admin_shows_one_and_only_what_was_vouched_for(cast: Cast, hand_in: HandIn, known: Submission) -> None:
    assert [shown(one, known) for one in (cast.reviewer, cast.author, cast.outsider)] == [403, 403, 404]
    other = hand_in(cast.author)
    assert shown(cast.admin, other) == 404
    for method in ("PUT", "DELETE"):
        assert cast.reviewer.api(method, f"/api/v1/submissions/{known.id}/worked-example").status_code == 403
    assert cast.outsider.get(f"/api/v1/projects/{cast.project.id}/worked-examples").status_code == 404
    assert cast.admin.api("PUT", f"/api/v1/submissions/{known.id}/worked-example").status_code == 204
    assert cast.admin.api("DELETE", f"/api/v1/submissions/{known.id}/worked-example").status_code == 204
    assert cast.admin.api("DELETE", f"/api/v1/submissions/{known.id}/worked-example").status_code == 404
    assert cast.admin.api("PUT", f"/api/v1/submissions/{known.id}/worked-example").status_code == 404, "nobody vouches"
