"""Each half of the people: who is in it stays in it, and it is worked out once, however many pairs are read."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.preferences.models import Comparison
from tests.cast import Cast
from tests.datasets.questions import question
from tests.preferences.conftest import MakeSet, judged, pair, took
from tests.preferences.publishing import judged as all_judged
from tests.review.deciding.test_order import read_plans

Taken = Callable[[str], int]


@pytest.fixture
def taken(cast: Cast) -> Taken:
    """How many pairs a dataset of one half would take now, as the preview says."""

    def rows(people: str) -> int:
        address = f"/api/v1/projects/{cast.project.id}/preference-datasets/preview"
        answer = cast.admin.api("POST", address, people=people)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["rows"])

    return rows


def time_passes(session: Session) -> None:
    """What was said so far can no longer be taken back."""
    session.execute(update(Comparison).values(answered_at=Comparison.answered_at - timedelta(hours=1)))
    session.commit()


def test_whoever_judges_later_moves_nobody_though_their_pair_was_laid_before_them_first(
    cast: Cast, session: Session, settings: Settings, make_set: MakeSet, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "undo_seconds", 600)
    make_set(*(pair(number, prompt=question(number)) for number in range(1, 4)), opinions=1)
    laid = took(cast.author, cast.project.id)
    for _ in range(2):
        judged(cast.second_author, took(cast.second_author, cast.project.id))
    time_passes(session)
    assert (taken("one_half"), taken("other_half")) == (2, 0)
    judged(cast.author, laid)
    assert (taken("one_half"), taken("other_half")) == (2, 0), "their word is young"
    assert cast.author.post(f"/api/v1/comparisons/{laid['id']}/undo").status_code == 200
    assert (taken("one_half"), taken("other_half")) == (2, 0), "and is taken back"
    judged(cast.author, laid)
    time_passes(session)
    assert (taken("one_half"), taken("other_half")) == (2, 1)


def test_a_half_is_worked_out_once_and_not_for_every_pair(
    cast: Cast, session: Session, make_set: MakeSet, taken: Taken
) -> None:
    made = make_set(*(pair(number, prompt=question(number)) for number in range(1, 41)), opinions=3)
    people = [one.user for one in (cast.author, cast.second_author, cast.reviewer) if one.user]
    all_judged(session, made, "good", *people)
    session.execute(text("ANALYZE"))  # or it is planned for what other tests took back
    read = {}
    for whose in ("all", "one_half"):
        with read_plans(session) as plans:
            assert taken(whose) == 40
        read[whose] = sum(rows for statement, rows in plans if "said" in statement)
    assert read["one_half"] < read["all"] + 20 * 40, "a few rows more for each pair, not all that was ever said"
    assert read["all"] > 40
