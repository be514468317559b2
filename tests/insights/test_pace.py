"""How fast approved responses grow, and what that says of the target."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.insights import pace
from app.insights.standing import standing
from app.prompts.models import PromptStatus
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast

TODAY = date(2026, 11, 24)


def test_an_even_pace_gives_one_day() -> None:
    ahead = pace.forecast_from([10, 10, 10, 10], rest=20, today=TODAY)
    assert ahead == pace.Forecast(4, TODAY + timedelta(weeks=2), TODAY + timedelta(weeks=2))


def test_an_uneven_pace_gives_a_span_around_the_mean() -> None:
    ahead = pace.forecast_from([8, 12, 9, 11, 10, 10], rest=100, today=TODAY)
    assert ahead
    assert ahead.latest
    assert ahead.earliest < TODAY + timedelta(weeks=10) < ahead.latest


def test_a_pace_that_may_be_nothing_has_no_latest_day() -> None:
    ahead = pace.forecast_from([30, 0, 0], rest=10, today=TODAY)
    assert ahead
    assert ahead.latest is None


@pytest.mark.parametrize(("weekly", "rest"), [([], 5), ([9], 5), ([9, 9], 5), ([9, 9, 9], 0), ([0, 0, 0], 5)])
def test_too_few_weeks_say_nothing(weekly: list[int], rest: int) -> None:
    assert pace.forecast_from(weekly, rest=rest, today=TODAY) is None


def test_the_sentence_says_what_is_known() -> None:
    even = pace.Forecast(6, date(2027, 1, 22), date(2027, 2, 20))
    said = pace.forecast_sentence
    assert said(even, approved=5, target=9).endswith("between 22 January 2027 and 20 February 2027.")
    assert said(pace.Forecast(6, TODAY, None), approved=5, target=9).endswith("at the earliest.")
    assert said(None, approved=5, target=9).startswith("Too few weeks")
    assert said(None, approved=9, target=9) == "The target is reached."
    assert said(None, approved=9, target=0) == "No target is set."


def approve_in_the_past(session: Session, cast: Cast, *ages: timedelta) -> None:
    """One approved response for each age."""
    assert cast.admin.user
    assert cast.author.user
    for number, age in enumerate(ages):
        prompt = factories.prompt(session, cast.project, cast.admin.user, f"Q{number}", status=PromptStatus.APPROVED)
        made = factories.submission(session, prompt, cast.author.user)
        decided = {"status": SubmissionStatus.APPROVED, "decided_at": func.now() - age}
        session.execute(update(Submission).where(Submission.id == made.id).values(**decided))


def test_the_curve_grows_by_hours_then_days_then_weeks(cast: Cast, session: Session) -> None:
    assert standing(session, cast.reviewer.actor, cast.project.id).growth.points == []
    approve_in_the_past(session, cast, timedelta(hours=3), timedelta(0))
    young = standing(session, cast.reviewer.actor, cast.project.id).growth
    assert (young.step, [point.total for point in young.points]) == ("hour", [1, 2])
    approve_in_the_past(session, cast, timedelta(days=10))
    assert standing(session, cast.reviewer.actor, cast.project.id).growth.step == "day"
    approve_in_the_past(session, cast, timedelta(days=100))
    old = standing(session, cast.reviewer.actor, cast.project.id).growth
    assert (old.step, old.points[-1].total) == ("week", 4)


def test_the_curve_is_drawn_with_its_target_and_told(cast: Cast, session: Session) -> None:
    approve_in_the_past(session, cast, timedelta(days=3), timedelta(0))
    growing = standing(session, cast.reviewer.actor, cast.project.id).growth
    drawn = pace.drawing(growing, 10)
    assert drawn.label == "Approved responses in all: 2 now, the target is 10"
    assert "target 10" in [label.text for label in drawn.labels]
    assert pace.table(growing).rows[-1][1] == "2"


def test_weeks_of_nothing_count(cast: Cast, session: Session) -> None:
    approve_in_the_past(session, cast, timedelta(days=29), timedelta(days=1), timedelta(days=2), timedelta(days=3))
    ahead = pace.forecast_from(standing(session, cast.reviewer.actor, cast.project.id).weekly, rest=10, today=TODAY)
    assert ahead
    assert (ahead.weeks, ahead.latest) == (4, None)


def test_a_project_in_which_nothing_is_approved_has_no_weeks(cast: Cast, session: Session) -> None:
    found = standing(session, cast.reviewer.actor, cast.project.id)
    assert (found.weekly, found.forecast(TODAY)) == ([], None)
