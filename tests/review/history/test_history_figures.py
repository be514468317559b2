"""The figures of the history page: agreement of two blind reviewers, waits, and what a settlement has overruled."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.review.history.evening import in_short, lasting
from app.review.history.history import Made, lines, pace, returns, wait
from app.review.history.raters import agreement_for, list_judged
from app.review.models import Decision, Opinion
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided

YES, AGAIN, NO = Decision.APPROVED, Decision.CHANGES_REQUESTED, Decision.REJECTED
Words = tuple[Decision, Decision]


def said(session: Session, submission: Submission, who: Client, decision: Decision, **ratings: int) -> None:
    """One opinion on the newest revision."""
    assert who.user
    newest = session.scalars(
        text("SELECT max(id) FROM revisions WHERE submission_id = :id").bindparams(id=submission.id)
    )
    given: dict[str, Any] = {"project_id": submission.project_id, "submission_id": submission.id}
    session.add(
        Opinion(**given, revision_id=newest.one(), reviewer_id=who.user.id, decision=decision, ratings=ratings, note="")
    )
    session.flush()


@pytest.fixture
def judge(cast: Cast, hand_in: HandIn, session: Session) -> Any:
    """Let two reviewers judge as many responses as there are pairs of words; the submissions."""

    def judged(words: Sequence[Words], first: Client = cast.reviewer, second: Client = cast.second_reviewer) -> Any:
        made = []
        for at, pair in enumerate(words):
            submission = hand_in(cast.author, f"Answer {at}", asked=f"Question {at}")
            for who, decision in zip((first, second), pair, strict=True):
                said(session, submission, who, decision, helpful=5 if decision is YES else 2)
            made.append(submission)
        session.commit()
        return made

    return judged


def figures(cast: Cast, session: Session, who: Client, judged: Any = None) -> Any:
    """What this person may see of the agreement."""
    rubric = factories.RUBRIC
    return agreement_for(session, who.actor, cast.project.id, rubric, judged or list_judged(session, cast.project.id))


def test_agreement_is_told_over_everything_each_category_and_each_criterion(
    cast: Cast, judge: Any, session: Session
) -> None:
    made = judge([(YES, YES)] * 15 + [(NO, NO)] * 5 + [(YES, NO)] * 5)
    plan = session.scalars(text("SELECT id FROM categories WHERE name = 'Plan'")).first()
    for one in made[:20]:
        session.get_one(Submission, one.id).category_id = plan
    session.commit()
    found = figures(cast, session, cast.reviewer)
    assert (found.overall.pairs, found.overall.share.value) == (25, 0.8)
    assert 0 < found.overall.beyond.low < found.overall.beyond.value < found.overall.beyond.high <= 1
    assert [(one.name, one.pairs, one.share.value) for one in found.categories] == [("Plan", 20, 1)]
    assert [(one.name, one.pairs) for one in found.criteria] == [("Helpful", 25), ("Correct", 0)]
    assert found.criteria[1].too_few
    assert in_short(session, cast.project.id).startswith("Two reviewers decided alike on 80% of 25 responses (")


def test_an_opinion_that_stands_alone_changes_no_figure(cast: Cast, judge: Any, session: Session) -> None:
    made = judge([(YES, YES)] * 21)
    page = f"/projects/{cast.project.id}/review/history"
    factories.review(session, made[0], session.get_one(User, cast.admin.actor.user_id))
    session.commit()
    before = cast.second_reviewer.get(page).text
    said(
        session,
        factories.submission(
            session,
            factories.prompt(session, cast.project, session.get_one(User, made[0].author_id)),
            session.get_one(User, made[0].author_id),
        ),
        cast.reviewer,
        NO,
    )
    session.commit()
    assert evening_of(cast.second_reviewer.get(page).text) == evening_of(before)
    assert len(list_judged(session, cast.project.id)) == 21


def evening_of(page: str) -> str:
    """The part of the page with the figures."""
    return page.split('id="h-figures"')[1].split('id="h-list"')[0]


def test_below_twenty_pairs_it_says_too_few(cast: Cast, judge: Any, session: Session) -> None:
    judge([(YES, NO)] * 19)
    found = figures(cast, session, cast.admin)
    assert (found.overall.too_few, found.overall.share, found.pairs[0].beyond) == (True, None, None)
    assert in_short(session, cast.project.id) == (
        "Pairs so far: 19; below 20 it is too few to say how far reviewers agree."
    )


def test_who_always_say_the_same_have_a_share_and_no_coefficient(cast: Cast, judge: Any, session: Session) -> None:
    judge([(YES, YES)] * 20)
    found = figures(cast, session, cast.admin)
    assert (found.overall.share.value, found.overall.beyond, found.own) == (1, None, None)


def test_an_admin_sees_who_agrees_with_whom_and_a_reviewer_only_her_own(
    cast: Cast, judge: Any, session: Session
) -> None:
    made = judge([(YES, YES)] * 15 + [(NO, NO)] * 5 + [(YES, NO)] * 5)
    factories.review(session, made[0], session.get_one(User, cast.admin.actor.user_id))
    session.commit()
    page = f"/projects/{cast.project.id}/review/history"
    assert "Rae Reviewer and Rob Reviewer" in cast.admin.get(page).text
    shown = cast.reviewer.get(page).text
    assert "Rae Reviewer and Rob Reviewer" not in shown
    assert "You and the others" in shown
    assert "You and the others" not in cast.admin.get(page).text
    assert figures(cast, session, cast.reviewer).own.pairs == 25
    assert "72.6 ± 1.5 %" in shown
    assert cast.author.get(page).status_code == 403
    assert 'id="h-figures"' not in cast.reviewer.get(f"{page}?decision=approved").text


def test_a_settlement_overrules_whoever_said_otherwise(cast: Cast, hand_in: HandIn, session: Session) -> None:
    session.execute(text("UPDATE projects SET reviews_per_response = 2"))
    session.commit()
    for verdict in ("approved", "rejected"):
        waiting = hand_in(cast.author)
        decided(cast.reviewer, waiting)
        decided(cast.second_reviewer, waiting, "changes_requested", note="More.")
        assert decided(cast.admin, waiting, verdict, note="So.").status_code == 201
    shown = evening_of(cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text)
    assert "<strong>3 of 4</strong>, you 1 of 2" in shown
    assert "on 2 settled disputes (2 in all)" in shown
    assert "Pairs so far: 2; below 20" in shown


NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def at(minutes: float, who: int = 1, decision: Decision = YES, missed: str = "", waited: float = 60) -> Made:
    """A decision so many minutes past noon."""
    moment = NOON + timedelta(minutes=minutes)
    return Made(1, 1, who, decision, missed, moment, moment - timedelta(minutes=waited))


def test_a_step_is_between_two_decisions_of_one_person_and_a_pause_is_none() -> None:
    made = [at(0), at(2), at(6), at(90), at(91, who=2), at(94, who=2)]
    assert pace(made, []).steps == 3
    assert pace(made, []).median == timedelta(minutes=3)
    assert pace(made, [], 2).median == timedelta(minutes=3)
    assert pace([at(0)], []).median is None


def test_the_wait_is_the_median_and_the_line_behind_most_returns_comes_first() -> None:
    made = [
        at(0, waited=1),
        at(1, waited=5, decision=NO, missed="Cite"),
        at(2, waited=99, decision=AGAIN, missed="Cite"),
    ]
    assert wait(made) == timedelta(minutes=5)
    assert wait([]) is None
    assert lines([*made, at(3, decision=NO, missed="Be kind")]) == [("Cite", 2), ("Be kind", 1)]
    assert returns(made) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "2 h"), (172_799, "48 h"), (172_800, "2 days")],
)
def test_a_time_is_said_in_the_unit_in_which_it_is_small(seconds: int, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words
