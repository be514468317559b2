"""Two reviewers decide at the same moment, in opposite ways."""

import threading

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.core.errors import Conflict
from app.prompts.models import PromptStatus
from app.review import service
from app.review.deciding.quick_decide import quick_decide
from app.review.deciding.wishes import Wish
from app.review.models import Decision, Review
from app.writing.models import Submission
from tests import factories
from tests.review.conftest import RATINGS
from tests.rounds import rounds

ROUNDS = rounds(200)


def test_of_two_opposite_decisions_one_is_stored_and_the_other_hears_whose(  # R21
    own_sessions: sessionmaker[Session],
) -> None:
    with own_sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        reviewers = [factories.user(session, name) for name in ("Rae Reviewer", "Rob Reviewer")]
        for person in reviewers:
            factories.member(session, project, person, Role.REVIEWER)
        submissions = []
        for number in range(ROUNDS):
            prompt = factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED)
            submissions.append(factories.submission(session, prompt, owner).id)
    against = (Decision.REJECTED, Decision.CHANGES_REQUESTED)
    told = [decide_at_once(own_sessions, reviewers, one, against[one % 2]) for one in submissions]
    with own_sessions() as session:
        stored = {review.submission_id: review for review in session.scalars(select(Review))}
        states = {row.id: row.status for row in session.execute(select(Submission.id, Submission.status))}
    assert len(stored) == ROUNDS
    for submission_id, conflicts in zip(submissions, told, strict=True):
        winner = stored[submission_id]
        names = {person.id: person.name for person in reviewers}
        assert states[submission_id].value == winner.decision.value
        assert [late.extra["decided_by"] for late in conflicts] == [names[winner.reviewer_id]]
        assert conflicts[0].extra["decision"] == winner.decision.value


def decide_at_once(
    sessions: sessionmaker[Session], reviewers: list[User], submission_id: int, against: Decision
) -> list[Conflict]:
    """Both decide on one submission as their requests do; who came too late hears this."""
    start = threading.Barrier(2)
    late: list[Conflict] = []

    def work(person: User, decision: Decision) -> None:
        try:
            with sessions.begin() as session:
                actor = actor_for(session, person)
                start.wait()
                wish = Wish(decision, 1, RATINGS, "As I see it.")
                if quick_decide(session, actor, submission_id, wish) is None:
                    service.carry_out(session, actor, submission_id, wish)
        except Conflict as conflict:
            late.append(conflict)

    pairs = zip(reviewers, (Decision.APPROVED, against), strict=True)
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return late
