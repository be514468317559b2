"""A return names the part of the guidelines that it misses: the writer is led there, and the evening counts it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.review.jobs import settle
from app.review.models import HeldDecision, Opinion, Review
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_in
from tests.review.conftest import HandIn, decided, posted, took
from tests.review.deciding.test_undo import desk, undone

TEXT = "# Be *helpful*\n\nAnswer.\n\n## Cite\n\nSay where it is from.\n"


@pytest.fixture(autouse=True)
def _rules(cast: Cast, session: Session) -> None:
    """Guidelines of two parts."""
    assert cast.admin.user
    factories.guidelines(session, cast.project, cast.admin.user, version=2, text=TEXT)
    session.commit()


def test_a_return_names_a_part_and_leads_its_writer_there(cast: Cast, waiting: Submission, session: Session) -> None:
    took(cast.reviewer, cast.project.id)
    assert '<option value="Be helpful">Be helpful</option>' in desk(cast.reviewer, cast.project.id)
    assert posted(cast.reviewer, waiting, "changes_requested", note="Where from?", missed="Cite").status_code == 303
    here = f"/projects/{cast.project.id}/guidelines?version=2#part-2"
    assert here in cast.author.get(f"/submissions/{waiting.id}").text
    assert '<h2 id="part-2">Cite</h2>' in cast.author.get(here).text
    shown = cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text
    assert "of 1 returns among the newest 1 decisions" in shown
    assert "/guidelines#part-2" in shown
    assert cast.admin.get(f"/api/v1/projects/{cast.project.id}/reviews").json()["reviews"][0]["missed"] == "Cite"


def test_a_part_that_is_gone_still_leads_to_the_version_that_had_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    decided(cast.reviewer, waiting, "rejected", note="No.", missed="Cite")
    assert cast.admin.user
    factories.guidelines(session, cast.project, cast.admin.user, version=3, text="# Anew")
    session.commit()
    assert "?version=2#part-2" in cast.author.get(f"/submissions/{waiting.id}").text
    assert "not in the newest version" in cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text


def test_only_a_return_names_one_and_only_one_that_there_is(cast: Cast, waiting: Submission, session: Session) -> None:
    unknown = decided(cast.reviewer, waiting, "rejected", note="No.", missed="Rhyme")
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/errors/review.no_such_part")
    assert decided(cast.reviewer, waiting, missed="Cite").json()["type"] == "/errors/review.nothing_missed"
    assert posted(cast.reviewer, waiting, missed="Cite").status_code == 303, (
        "on the page the choice stands there anyhow"
    )
    assert session.scalars(select(Review.missed)).all() == [""]


def test_of_two_opinions_the_part_that_one_names_is_named(cast: Cast, waiting: Submission, session: Session) -> None:
    cast.project.reviews_per_response = 2
    session.commit()
    decided(cast.reviewer, waiting, "rejected", note="No.")
    decided(cast.second_reviewer, waiting, "rejected", note="No.", missed="Be helpful")
    assert session.scalars(select(Opinion.missed).order_by(Opinion.id)).all() == ["", "Be helpful"]
    assert session.scalars(select(Review.missed)).all() == ["Be helpful"]


class TestHeld:
    """Through the seconds in which a decision can be taken back."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        """As people have it."""
        return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})

    def test_it_comes_back_with_an_undo_and_is_carried_out(
        self, cast: Cast, waiting: Submission, session: Session
    ) -> None:
        posted(cast.reviewer, waiting, "rejected", note="No.", missed="Cite")
        assert '<option selected value="Cite">' in undone(cast.reviewer, waiting).text
        posted(cast.reviewer, waiting, "rejected", note="No.", missed="Cite")
        session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
        session.commit()
        settle(waiting.id)
        assert session.scalars(select(Review.missed)).all() == ["Cite"]


def test_guidelines_without_headings_offer_no_choice(cast: Cast, hand_in: HandIn, session: Session) -> None:
    assert cast.admin.user
    factories.guidelines(session, cast.project, cast.admin.user, version=3, text="Be kind.")
    hand_in(cast.author)
    took(cast.reviewer, cast.project.id)
    assert 'name="missed"' not in desk(cast.reviewer, cast.project.id)
