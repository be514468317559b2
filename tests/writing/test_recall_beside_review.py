"""What a writer recalls between a review's beginning and its end: nobody learns of it too early, nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.errors import Conflict
from app.insights.audit_list import Filters, list_entries
from app.projects.models import Project
from app.prompts.models import PromptStatus
from app.review import service
from app.review.comments.comments import Words, add
from app.review.comments.threads import seen_comments
from app.review.deciding import held
from app.review.deciding.wishes import Wish
from app.review.models import Comment, Decision, HeldDecision, Opinion
from app.writing.models import Submission
from app.writing.queries import get_submission_for
from app.writing.service import hand_in, lock_work, recall, save_draft
from tests import factories
from tests.cast import Cast
from tests.review.conftest import RATINGS, decided
from tests.writing import work


@pytest.fixture
def submitted(cast: Cast, taken: int, session: Session) -> Submission:
    """A response with a draft behind it, on which two opinions are asked for."""
    cast.project.reviews_per_response = 2
    work.save(cast.author, taken, "Because")
    made = session.get_one(Submission, int(work.hand_in(cast.author, taken, 1).json()["id"]))
    session.commit()
    return made


def test_what_was_said_before_any_decision_stays_unsaid(own_sessions: sessionmaker[Session]) -> None:
    """Each act in a transaction of its own, since it is times that tell."""
    with own_sessions.begin() as session:
        admin, writer, reviewer = (factories.user(session, name) for name in ("Ada", "Wim", "Rae"))
        project = factories.project(session, admin)
        project.reviews_per_response = 2
        factories.member(session, project, writer, Role.ANNOTATOR)
        factories.member(session, project, reviewer, Role.REVIEWER)
        prompt = factories.prompt(session, project, admin, status=PromptStatus.APPROVED)
        made = factories.submission(session, prompt, writer, "Because").id
    with own_sessions.begin() as session:
        add(session, actor_for(session, reviewer), made, revision=1, words=Words("Because"), body="Why just so?")
    with own_sessions.begin() as session:
        service.skip(session, actor_for(session, reviewer), made)
    with own_sessions.begin() as session:
        actor = actor_for(session, writer)
        opened = recall(session, actor, made)
        revision = opened.draft.revision
        save_draft(session, actor, opened.id, messages=work.turns("Because of the air"), revision=revision)
        assert hand_in(session, actor, opened.id, draft_revision=revision + 1).current_revision == 2
    with own_sessions.begin() as session:
        for who in (admin, writer):
            actor = actor_for(session, who)
            shown = get_submission_for(session, actor, made)
            assert seen_comments(session, actor, session.get_one(Project, project.id), shown) == []
        log = list_entries(session, actor_for(session, admin), Filters(), before=None)
        assert not {"review.commented", "review.skipped"} & {one.action for one in log}


def test_what_was_said_before_the_last_decision_is_read(
    cast: Cast, taken: int, submitted: Submission, session: Session
) -> None:
    here = f"/api/v1/submissions/{submitted.id}"
    cast.reviewer.api("POST", f"{here}/comments", revision=1, quote="Because", body="Why just so?")
    session.execute(update(Comment).values(created_at=Comment.created_at - timedelta(hours=1)))
    session.commit()
    for who in (cast.reviewer, cast.admin):
        decided(who, submitted, "changes_requested", note="More")
    work.save(cast.author, taken, "Because of the air", revision=1)
    work.hand_in(cast.author, taken, 2)
    assert "Why just so?" in cast.author.get(f"/submissions/{submitted.id}").text


def test_what_is_recalled_while_an_opinion_waits_its_turn_is_not_judged(
    cast: Cast, submitted: Submission, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_the_recall(*turn: Any, **how: Any) -> bool:
        recall(session, cast.author.actor, submitted.id)
        return lock_work(*turn, **how)

    monkeypatch.setattr(service, "lock_work", after_the_recall)
    with pytest.raises(Conflict, match=r"review\.recalled"):
        service.carry_out(session, cast.reviewer.actor, submitted.id, Wish(Decision.APPROVED, 1, RATINGS, ""))
    assert session.scalars(select(Opinion)).all() == []


def test_what_is_held_is_carried_out_however_late_and_not_recalled(
    cast: Cast, submitted: Submission, session: Session
) -> None:
    wish = Wish(Decision.APPROVED, 1, RATINGS, " As I see it.\n")
    held.decide(session, cast.reviewer.actor, submitted.id, wish, seconds=10)
    outage = timedelta(days=3)
    session.execute(update(HeldDecision).values(settles_at=HeldDecision.settles_at - outage))
    session.execute(update(Submission).values(lease_expires_at=Submission.lease_expires_at - outage))
    session.commit()
    assert cast.author.api("POST", f"/api/v1/submissions/{submitted.id}/recall").status_code == 409
    assert held.settle(session, submitted.id)
    assert [one.note for one in session.scalars(select(Opinion))] == [" As I see it.\n"]


def test_what_its_writer_puts_right_waits_for_nobody(cast: Cast, submitted: Submission) -> None:
    cast.author.api("POST", f"/api/v1/submissions/{submitted.id}/recall")
    page = cast.reviewer.get(f"/projects/{cast.project.id}/review").text
    assert "Nothing waits for you" in page
    assert "undecided" not in page
