"""Beside a text stand facts: its writer's record, how it was typed, and what is much like it; no name, no verdict."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.prompts.questions import ask
from app.writing.likeness import remember_response
from app.writing.models import Revision, Submission
from tests.cast import Cast
from tests.review.conftest import HandIn, decided, took
from tests.review.test_submission import seen

TYPED = {"keystrokes": 40, "pastes": 1, "pasted_characters": 1200, "active_seconds": 9}
SKY = "The sky is blue because air scatters short waves of light far more than long ones."


def desk(cast: Cast) -> str:
    """What the reviewer sees of what comes first."""
    took(cast.reviewer, cast.project.id)
    return cast.reviewer.get(f"/projects/{cast.project.id}/review").text


def test_the_desk_tells_how_decisions_fell_on_its_writer_in_this_category(cast: Cast, hand_in: HandIn) -> None:
    for decision in ("approved", "approved", "rejected"):
        decided(cast.reviewer, hand_in(cast.author), decision, note="So.")
    decided(cast.reviewer, hand_in(cast.second_author), note="Another's.")
    hand_in(cast.author)
    page = desk(cast)
    assert "Its writer in this category before: 2 approved, 0 returned, 1 rejected" in page
    assert "Ann Author" not in page


def test_the_desk_leads_to_its_prompt_where_a_bad_one_is_reported(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    leads = f'href="/prompts/{waiting.prompt_id}">Report its prompt'
    assert leads in desk(cast)
    session.get_one(Project, cast.project.id).gold_every = 5
    session.commit()
    assert leads not in desk(cast), "its number would tell a known one"


def test_nothing_of_it_is_told_where_some_are_decided_already(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.get_one(Project, cast.project.id).gold_every = 5
    session.commit()
    assert "Its writer in this category" not in (page := desk(cast))
    assert "Nothing else of its writer" not in page


def test_what_was_asked_about_the_prompt_is_read_on_the_desk(cast: Cast, waiting: Submission, session: Session) -> None:
    session.commit()
    assert "asked about the prompt" not in desk(cast)
    first = ask(session, cast.author.actor, waiting.prompt_id, "Which <b>sky</b>?")
    ask(session, cast.reviewer.actor, waiting.prompt_id, "The one of Earth.", to=first.id)
    session.commit()
    page = desk(cast)
    for said in ("Read what was asked about the prompt (1)", "Which &lt;b&gt;sky&lt;/b&gt;?", "The one of Earth."):
        assert said in page
    assert "Ann Author" not in page


@pytest.mark.parametrize("keeps", [True, False])
def test_writer_and_reviewer_read_the_same_of_how_it_was_typed_where_the_project_keeps_it(
    cast: Cast, hand_in: HandIn, session: Session, keeps: bool
) -> None:
    submission = hand_in(cast.author)
    session.get_one(Project, cast.project.id).keeps_provenance = keeps
    session.add(Revision(number=2, provenance=TYPED, **copied(session, submission)))
    session.get_one(Submission, submission.id).current_revision = 2
    session.commit()
    pages = [desk(cast), seen(cast.reviewer, submission), seen(cast.author, submission)]
    told = [page[at : page.index("</p>", at)] for page in pages if (at := page.find("How it was typed")) >= 0]
    assert len(told) == (3 if keeps else 0)
    assert len(set(told)) == (1 if keeps else 0)
    assert not keeps or ("1,200" in told[0] and "Evidence, not proof" in told[0])


def copied(session: Session, submission: Submission) -> dict[str, Any]:
    """What the next revision has from the first."""
    first = session.scalars(select(Revision).where(Revision.submission_id == submission.id)).one()
    names = ("submission_id", "author_id", "prompt_messages", "messages", "guidelines_id", "draft_revision")
    return {name: getattr(first, name) for name in names}


def test_what_is_much_like_it_opens_beside_it_word_by_word(cast: Cast, hand_in: HandIn, session: Session) -> None:
    other = hand_in(cast.second_author, SKY.replace("far more", "much more"))
    decided(cast.reviewer, other)
    hand_in(cast.author, SKY)
    remember_response(session, other.id)
    session.commit()
    page = desk(cast)
    assert f"Submission {other.id}</p>" in page
    assert "<del> much</del>" in page
    assert "<ins> far</ins>" in page
