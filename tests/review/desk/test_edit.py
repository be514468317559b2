"""A reviewer puts a few words right and approves: a revision of their own, of which the writer sees all."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.projects.models import Project
from app.review.jobs import settle
from app.review.models import HeldDecision, Review
from app.review.queries import approved_revisions
from app.writing.models import Draft, Revision, Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.conftest import settings_in
from tests.review.conftest import HandIn, decided, posted, sheet_of
from tests.review.deciding.test_undo import undone

BETTER = "Because air scatters blue light the most.\n"


def edited(client: Client, submission: Submission, *texts: str, **values: Any) -> Any:
    """The press of "Approve this text"."""
    assert client.user
    given = {"user_id": client.user.id, "revision": 1, "response": list(texts), "note": "A word."}
    rated = {"rating-helpful": 4, "rating-correct": 5}
    return client.post(f"/sheets/{sheet_of(client, submission)}/edit", data=given | rated | values)


def revisions(session: Session, submission: Submission) -> list[tuple[int, int | None, Any]]:
    """Number, author and text of each revision."""
    session.expire_all()
    found = session.scalars(select(Revision).where(Revision.submission_id == submission.id).order_by(Revision.number))
    return [(one.number, one.author_id, one.messages) for one in found]


def test_the_edited_text_is_a_revision_of_the_reviewers_and_it_is_approved(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.reviewer.user
    before = revisions(session, waiting)
    assert edited(cast.reviewer, waiting, BETTER).status_code == 303
    assert revisions(session, waiting) == [*before, (2, cast.reviewer.user.id, factories.answered(BETTER))]
    now = session.get_one(Submission, waiting.id)
    assert (now.status, now.current_revision, now.author_id) == (SubmissionStatus.APPROVED, 2, waiting.author_id)
    made = session.scalars(select(Review)).one()
    number = session.scalar(select(Revision.number).where(Revision.id == made.revision_id))
    assert (made.reviewer_id, made.note, number) == (cast.reviewer.user.id, "A word.", 2)


def test_a_program_reads_which_revision_a_reviewer_put_right(cast: Cast, waiting: Submission) -> None:
    edited(cast.reviewer, waiting, BETTER)
    for who in (cast.author, cast.reviewer):
        shown = who.get(f"/api/v1/submissions/{waiting.id}").json()["revisions"]
        assert [(one["number"], one["edited"]) for one in shown] == [(1, False), (2, True)]


def test_a_dataset_gets_the_edited_text_under_the_pseudonyms_of_both(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    edited(cast.reviewer, waiting, BETTER)
    row = session.execute(approved_revisions(cast.project.id)).one()
    assert (row.messages, row.author_id, row.revision) == (factories.answered(BETTER), waiting.author_id, 2)
    assert cast.author.user
    assert cast.reviewer.user
    assert row.annotator == f"a-{cast.project.id}-{cast.author.user.id}"
    assert row.editor == f"a-{cast.project.id}-{cast.reviewer.user.id}"
    assert row.ratings == {"helpful": 4, "correct": 5}


def test_the_writers_draft_is_not_touched(cast: Cast, waiting: Submission, session: Session) -> None:
    before = session.scalars(select(Draft.messages).where(Draft.assignment_id == waiting.assignment_id)).one()
    edited(cast.reviewer, waiting, BETTER)
    session.expire_all()
    assert session.get_one(Draft, waiting.assignment_id).messages == before


def test_the_writer_sees_what_was_changed_and_that_a_reviewer_did_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    edited(cast.reviewer, waiting, BETTER)
    shown = cast.author.get(f"/submissions/{waiting.id}").text
    assert "<ins> the</ins>" in shown
    assert "edited by <bdi>a reviewer</bdi>" in shown
    assert "Rae Reviewer" not in shown
    session.execute(update(Project).where(Project.id == cast.project.id).values(show_reviewer_names=True))
    session.commit()
    assert "edited by <bdi>Rae Reviewer</bdi>" in cast.author.get(f"/submissions/{waiting.id}").text
    assert "edited by <bdi>Rae Reviewer</bdi>" in cast.second_reviewer.get(f"/submissions/{waiting.id}").text


def test_e_opens_the_text_with_what_was_filled_in(cast: Cast, waiting: Submission, session: Session) -> None:
    opened = posted(cast.reviewer, waiting, "edit", note="So far", **{"rating-helpful": 3})
    assert opened.status_code == 200
    assert "So far</textarea>" in opened.text
    assert "Because air scatters blue light most.</textarea>" in opened.text
    assert 'name="rating-helpful" value="3" checked' in opened.text
    assert revisions(session, waiting)[1:] == []
    assert cast.reviewer.get(f"/sheets/{sheet_of(cast.reviewer, waiting)}/edit").status_code == 200


def test_who_leaves_the_text_as_it_was_finds_the_note_and_the_ratings_on_the_desk(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    left = posted(
        cast.reviewer, waiting, "", view="reads", note="So far", response="Half an edit", **{"rating-helpful": 3}
    )
    assert left.status_code == 200
    assert "So far</textarea>" in left.text
    assert 'name="rating-helpful" value="3" checked' in left.text
    assert "Half an edit" not in left.text
    assert revisions(session, waiting)[1:] == []


def test_who_has_yet_to_consent_is_asked_before_a_word_is_put_right_and_keeps_the_note(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(consent_text="I give it away."))
    session.commit()
    sheet = f"/sheets/{sheet_of(cast.reviewer, waiting)}/edit"
    led = cast.reviewer.get(sheet)
    assert (led.status_code, led.headers["location"]) == (303, f"/projects/{cast.project.id}/consent?next={sheet}")
    pressed = posted(cast.reviewer, waiting, "edit", note="So far")
    assert (pressed.status_code, "So far</textarea>" in pressed.text) == (409, True)
    assert f'href="/projects/{cast.project.id}/consent?next=' in pressed.text


@pytest.mark.parametrize(
    ("text", "why"),
    [(" \u200b\n", "There is an empty turn"), ("x" * 20_001, "the limit is 20000")],
)
def test_the_rules_of_writing_hold_and_the_text_stays_on_the_page(
    cast: Cast, waiting: Submission, session: Session, text: str, why: str
) -> None:
    refused = edited(cast.reviewer, waiting, text)
    assert (refused.status_code, why in refused.text, text in refused.text) == (422, True, True)
    assert revisions(session, waiting)[1:] == []


def test_an_edit_brings_in_nothing_that_the_project_would_not_take_from_a_writer(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(blocking_hints=["personal"]))
    session.commit()
    refused = edited(cast.reviewer, waiting, "Ask ann@firm.org.")
    assert (refused.status_code, "an e-mail address" in refused.text) == (422, True)
    assert revisions(session, waiting)[1:] == []


def test_an_edit_without_all_ratings_or_with_other_turns_is_refused(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    refused = edited(cast.reviewer, waiting, BETTER, **{"rating-correct": 9})
    assert refused.status_code == 422
    assert '<a href="#rating-correct">Correct</a> is not a whole number' in refused.text
    assert BETTER in refused.text
    blank = edited(cast.reviewer, waiting, " ")
    assert (blank.status_code, '<a href="#response-1">The text</a> is empty' in blank.text) == (422, True)
    assert edited(cast.reviewer, waiting, BETTER, "And more").status_code == 422
    assert edited(cast.reviewer, waiting, "half \x00").status_code == 422
    assert revisions(session, waiting)[1:] == []


def test_a_text_that_was_not_changed_is_approved_as_it_is(cast: Cast, hand_in: HandIn, session: Session) -> None:
    waiting = hand_in(cast.author, "One\r\ntwo\rthree")
    assert edited(cast.reviewer, waiting, "One\r\ntwo\r\nthree").status_code == 303
    assert len(revisions(session, waiting)) == 1
    assert session.get_one(Submission, waiting.id).status is SubmissionStatus.APPROVED


def test_who_edits_what_was_decided_meanwhile_keeps_the_text(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.second_reviewer, waiting)
    late = edited(cast.reviewer, waiting, "My better words")
    assert (late.status_code, "My better words" in late.text) == (409, True)
    assert "Rob Reviewer has already approved this" in late.text
    assert len(revisions(session, waiting)) == 1


def test_the_same_edit_sent_twice_is_made_once_and_others_hear_of_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert [edited(cast.reviewer, waiting, BETTER).status_code for _ in range(2)] == [303, 303]
    assert len(revisions(session, waiting)) == 2
    late = decided(cast.second_reviewer, waiting)
    assert "Rae Reviewer has already approved this" in late.json()["detail"]


def test_nobody_edits_their_own(cast: Cast, hand_in: HandIn) -> None:
    own = hand_in(cast.reviewer)
    assert cast.reviewer.get(f"/sheets/{sheet_of(cast.reviewer, own)}/edit").status_code == 403
    assert edited(cast.reviewer, own, BETTER).status_code == 403
    other = hand_in(cast.author)
    assert edited(cast.author, other, BETTER).status_code == 403
    assert edited(cast.outsider, other, BETTER).status_code == 404


class TestHeld:
    """The same through the seconds in which a decision can be taken back."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        """As people have it."""
        return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})

    def test_undo_brings_the_edited_text_back(self, cast: Cast, waiting: Submission, session: Session) -> None:
        assert edited(cast.reviewer, waiting, BETTER).status_code == 303
        assert len(revisions(session, waiting)) == 1
        shown = undone(cast.reviewer, waiting).text
        assert f"{BETTER}</textarea>" in shown
        assert "A word.</textarea>" in shown

    def test_what_was_taken_is_not_dropped_for_a_hint_of_later(
        self, cast: Cast, waiting: Submission, session: Session
    ) -> None:
        edited(cast.reviewer, waiting, "Ask ann@firm.org.")
        session.execute(update(Project).where(Project.id == cast.project.id).values(blocking_hints=["personal"]))
        session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
        session.commit()
        settle(waiting.id)
        session.refresh(waiting)
        assert waiting.status is SubmissionStatus.APPROVED

    def test_it_is_made_when_the_time_is_over(self, cast: Cast, waiting: Submission, session: Session) -> None:
        edited(cast.reviewer, waiting, BETTER)
        edited(cast.reviewer, waiting, BETTER)
        session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
        session.commit()
        settle(waiting.id)
        assert revisions(session, waiting)[1][2] == factories.answered(BETTER)
        assert session.get_one(Submission, waiting.id).status is SubmissionStatus.APPROVED
