"""What to answer first: a run's order, its reasons in words, and a queue that follows it in one press."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.storage import Storage
from app.datasets.models import Version
from app.evaluation.first import reasons_of
from app.projects.models import Project
from app.projects.queries import list_categories
from app.prompts.models import Prompt, PromptTurn
from app.prompts.turns import list_unanswered, set_turns
from app.training.models import Run
from app.writing.models import Assignment
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.training.made import a_report, done, first_of, started
from tests.writing import work


@pytest.fixture
def asked(cast: Cast, session: Session) -> list[Prompt]:
    """Four open prompts, the oldest first."""
    return [work.ask(session, cast, f"Question {number}?") for number in range(4)]


def follow(cast: Cast, session: Session, follows: str = "true", **sent: str) -> int:
    """The administrator presses. The answer's status."""
    session.expire_all()
    mark = session.get_one(Project, cast.project.id).mark
    form = {"user_id": str(cast.admin.actor.user_id), "follows": follows, "seen": mark} | sent
    return int(cast.admin.post(f"/projects/{cast.project.id}/first", data=form).status_code)


def given(cast: Cast, session: Session) -> str:
    """What the writer is asked when they take the next, and begin to answer."""
    assignment_id = work.take(cast.author, cast)
    work.save(cast.author, assignment_id, "Because")
    prompt_id = session.scalars(select(Assignment.prompt_id).where(Assignment.id == assignment_id)).one()
    return str(session.get_one(Prompt, prompt_id).messages[-1]["content"])


@pytest.mark.parametrize(
    ("share", "count", "said"),
    [
        (0.75, 2, ["less sure of its own answer to it than of those to 75 %", "2 other open prompts are more like it"]),
        (0.2, 1, ["surer of its own answer to it than of those to 80 %", "1 other open prompt is more like it"]),
        (0.5, 0, ["less sure of its own answer to it than of those to 50 %", "No other open prompt is more like it"]),
    ],
)
def test_each_place_has_its_reasons_in_words(share: float, count: int, said: list[str]) -> None:
    reasons = reasons_of(
        {"prompt_id": "1", "doubt": 3.0, "doubted_more_than": share, "stands_for": count, "nearest": 0.1}
    )  # fmt: skip
    assert all(part in reason for part, reason in zip(said, reasons, strict=True))


def test_the_page_shows_the_order_without_what_is_answered(
    cast: Cast, session: Session, reported: Reported, asked: list[Prompt]
) -> None:
    reported(first=first_of(asked[2].id, asked[0].id, asked[3].id))
    work.written(cast.author, cast, "An answer to the oldest")
    page = cast.reviewer.get(f"/projects/{cast.project.id}/first").text
    assert page.index("Question 2?") < page.index("Question 3?")
    assert "Question 0?" not in page
    assert "Writers are given the oldest prompt first" in page
    assert "Give writers these first" not in page  # an administrator's business
    told = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/first").json()
    assert [(one["place"], one["prompt_id"]) for one in told["prompts"]] == [(1, asked[2].id), (3, asked[3].id)]
    assert (told["looked_at"], told["followed"]) == (5, False)


def test_without_an_order_the_page_says_how_one_comes_about(cast: Cast) -> None:
    page = cast.admin.get(f"/projects/{cast.project.id}/first").text
    assert "No run has put the open prompts in order" in page
    assert "Give writers these first" not in page
    assert cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/first").json()["run_id"] is None


def test_one_press_makes_the_queue_follow_and_the_queue_says_so(
    cast: Cast, session: Session, reported: Reported, asked: list[Prompt]
) -> None:
    reported(first=first_of(asked[2].id, asked[1].id))
    says_so = "First come the prompts of which a trained model says"
    write = f"/projects/{cast.project.id}/write"
    assert says_so not in cast.author.get(write).text
    assert follow(cast, session) == 303
    assert says_so in cast.author.get(write).text
    assert "Writers are given these first" in cast.admin.get(f"/projects/{cast.project.id}/first").text
    assert [given(cast, session) for _ in range(4)] == [f"Question {number}?" for number in (2, 1, 0, 3)]
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "projects.settings_changed")).one()
    assert noted.details == {"fields": ["follows_advice"]}


def test_who_asks_for_one_category_is_given_its_prompts_in_turn(
    cast: Cast, session: Session, reported: Reported
) -> None:
    plan = list_categories(session, cast.project.id)[0]
    old, new = (work.ask(session, cast, f"Plan {number}?", category_id=plan.id) for number in range(2))
    other = work.ask(session, cast, "Something else?")
    reported(first=first_of(other.id, new.id))
    follow(cast, session)
    taken = []
    for _ in range(2):
        assignment_id = work.take(cast.author, cast, category_id=plan.id)
        work.save(cast.author, assignment_id, "Because")
        taken.append(session.scalars(select(Assignment.prompt_id).where(Assignment.id == assignment_id)).one())
    assert taken == [new.id, old.id]


def test_a_run_that_ends_late_leaves_the_order_of_one_that_began_after_it(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, reported: Reported, asked: list[Prompt], queued: int
) -> None:
    version = session.get_one(Version, session.get_one(Run, queued).version_id)
    later = started(cast.admin, version)
    done(session, storage, later, tmp_path / "later", a_report(first=first_of(asked[3].id)))
    reported(first=first_of(asked[2].id))
    assert session.scalars(select(PromptTurn.prompt_id)).all() == [asked[3].id]


def test_unless_somebody_presses_the_oldest_comes_first(
    cast: Cast, session: Session, reported: Reported, asked: list[Prompt]
) -> None:
    reported(first=first_of(asked[2].id))
    assert given(cast, session) == "Question 0?"
    follow(cast, session)
    follow(cast, session, "false")
    assert given(cast, session) == "Question 1?"


def test_who_saw_other_settings_changes_nothing_and_a_writer_cannot(
    cast: Cast, session: Session, asked: list[Prompt]
) -> None:
    assert follow(cast, session, seen="old") == 412
    form = {"user_id": str(cast.author.actor.user_id), "follows": "true", "seen": "a-mark"}
    assert cast.author.post(f"/projects/{cast.project.id}/first", data=form).status_code == 403
    session.expire_all()
    assert not session.get_one(Project, cast.project.id).follows_advice


def test_a_new_order_replaces_the_old_one_and_holds_only_the_projects_own(
    cast: Cast, session: Session, asked: list[Prompt]
) -> None:
    set_turns(session, cast.project.id, [asked[0].id, asked[1].id])
    set_turns(session, cast.project.id, [asked[3].id, 10**9, asked[3].id, asked[0].id])
    turns = session.execute(select(PromptTurn.place, PromptTurn.prompt_id).order_by(PromptTurn.place)).all()
    assert [tuple(one) for one in turns] == [(1, asked[3].id), (2, asked[0].id)]


def test_open_is_what_nobody_has_answered_the_oldest_first(cast: Cast, session: Session, asked: list[Prompt]) -> None:
    work.written(cast.author, cast, "An answer to the oldest")
    found = list_unanswered(session, cast.project.id, 2)
    assert [one.id for one in found] == [asked[1].id, asked[2].id]
