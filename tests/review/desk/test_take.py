"""A reviewer takes what waits longest; nobody else is given it meanwhile."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.prompts.models import PromptStatus
from app.review import service
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided, sheet_of, took


def taken(client: Client, project_id: int, **query: int) -> int | None:
    """The id of the submission that is taken by the JSON door."""
    answer = client.post(f"/api/v1/projects/{project_id}/review/next", params=query)
    assert answer.status_code == 200
    found = answer.json()["submission"]
    return found["submission_id"] if found else None


def age(session: Session, submission: Submission, **ago: int) -> None:
    """Make a submission wait since longer ago."""
    session.execute(
        update(Submission).where(Submission.id == submission.id).values(submitted_at=func.now() - timedelta(**ago))
    )
    session.commit()


def test_who_waits_longest_is_reviewed_first(cast: Cast, hand_in: HandIn, session: Session) -> None:
    young, old = hand_in(cast.author), hand_in(cast.second_author)
    age(session, young, hours=1)
    age(session, old, hours=2)
    assert taken(cast.reviewer, cast.project.id) == old.id


def test_two_reviewers_are_given_two_submissions(cast: Cast, hand_in: HandIn) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    both = {taken(cast.reviewer, cast.project.id), taken(cast.second_reviewer, cast.project.id)}
    assert both == {first.id, second.id}


def test_a_reviewer_goes_on_with_what_they_hold(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author)
    hand_in(cast.second_author)
    first = taken(cast.reviewer, cast.project.id)
    assert taken(cast.reviewer, cast.project.id) == first


def test_a_lapsed_lease_goes_to_the_next_reviewer(cast: Cast, waiting: Submission, session: Session) -> None:
    assert taken(cast.reviewer, cast.project.id) == waiting.id
    assert taken(cast.second_reviewer, cast.project.id) is None
    session.execute(update(Submission).values(lease_expires_at=func.now() - timedelta(minutes=1)))
    session.commit()
    assert taken(cast.second_reviewer, cast.project.id) == waiting.id


def test_nobody_is_given_their_own_response(cast: Cast, hand_in: HandIn) -> None:
    own = hand_in(cast.reviewer)
    assert taken(cast.reviewer, cast.project.id) is None
    assert taken(cast.second_reviewer, cast.project.id) == own.id


def test_the_next_can_be_asked_of_one_category(cast: Cast, hand_in: HandIn, session: Session) -> None:
    explain, plan = categories(session, cast)
    about_explain = hand_in(cast.author, category_id=explain)
    about_plan = hand_in(cast.second_author, category_id=plan)
    assert taken(cast.reviewer, cast.project.id, category=plan) == about_plan.id
    assert taken(cast.reviewer, cast.project.id, category=explain) == about_explain.id
    assert taken(cast.second_reviewer, cast.project.id) == about_plan.id


def categories(session: Session, cast: Cast) -> list[int]:
    """The ids of the project's two categories, by name."""
    from app.projects.queries import list_categories

    return [one.id for one in list_categories(session, cast.project.id)]


def test_what_is_given_holds_all_that_a_decision_needs(cast: Cast, waiting: Submission) -> None:
    body = cast.reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next").json()["submission"]
    assert (body["submission_id"], body["revision"], body["guidelines"]) == (waiting.id, 1, 1)
    assert [criterion["key"] for criterion in body["rubric"]] == ["helpful", "correct"]
    assert body["prompt"][-1] == {"role": "user", "content": "Why is the sky blue?"}
    assert "Ann" not in str(body)
    assert body["writer"].startswith("a-")
    assert decided(cast.reviewer, waiting).status_code == 201


def test_the_button_leads_back_to_the_page_with_the_submission_on_it(cast: Cast, waiting: Submission) -> None:
    answer = took(cast.reviewer, cast.project.id)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/projects/{cast.project.id}/review")
    assert sheet_of(cast.reviewer, waiting) in cast.reviewer.get(answer.headers["location"]).text


def test_a_writer_and_an_outsider_are_given_nothing(cast: Cast, waiting: Submission) -> None:
    path = f"/api/v1/projects/{cast.project.id}/review/next"
    assert cast.author.post(path).status_code == 403
    assert cast.outsider.post(path).status_code == 404
    assert cast.visitor.post(path).status_code == 401
    assert took(cast.author, cast.project.id).status_code == 403
    assert took(cast.outsider, cast.project.id).status_code == 404


@pytest.mark.parametrize("category", ["0", "-1", "9" * 30, "x", "1.0"])
def test_a_category_that_is_no_number_of_ours_is_refused(cast: Cast, category: str) -> None:  # I16
    path = f"/api/v1/projects/{cast.project.id}/review/next?category={category}"
    assert cast.reviewer.post(path).status_code == 422
    assert took(cast.reviewer, cast.project.id, category=category).status_code == 422


def test_twenty_reviewers_at_once_are_given_twenty_submissions(own_database: str, settings: Settings) -> None:
    engine = make_engine(own_database, settings, pool_size=20)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        people = [factories.user(session, f"Reviewer {number}") for number in range(20)]
        for person in people:
            factories.member(session, project, person, Role.REVIEWER)
        for number in range(20):
            prompt = factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED)
            factories.submission(session, prompt, owner)
    found: list[int | None] = []
    start = threading.Barrier(20)

    def work(person_index: int) -> None:
        with sessions.begin() as session:
            actor = actor_for(session, people[person_index])
            start.wait()
            one = service.take_next(session, actor, project.id)
            found.append(one.id if one else None)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        held = session.scalars(select(Submission.lease_holder_id).where(Submission.lease_holder_id.is_not(None))).all()
    engine.dispose()
    assert len({one for one in found if one}) == 20
    assert len(set(held)) == 20


def test_what_each_criterion_means_stands_at_its_row(cast: Cast, waiting: Submission) -> None:
    took(cast.reviewer, cast.project.id)
    page = cast.reviewer.get(f"/projects/{cast.project.id}/review").text
    assert 'aria-describedby="rating-helpful-hint"' in page
    assert 'id="rating-helpful-hint" dir="auto">Does it do what was asked?</p>' in page


@pytest.fixture
def asked(cast: Cast, hand_in: HandIn, session: Session) -> list[str]:
    """What the desk asks of the database, where nobody has said anything of what lies on it."""
    hand_in(cast.author)
    assert taken(cast.reviewer, cast.project.id)
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: said.append(args[2]))
    assert cast.reviewer.get(f"/projects/{cast.project.id}/review").status_code == 200
    return [one for one in said if "SAVEPOINT" not in one]


def test_the_desk_counts_what_waits_once_and_asks_no_more_of_comments_where_there_are_none(asked: list[str]) -> None:
    counted = [one for one in asked if "review_skips.reviewer_id" in one and "count(" in one]
    assert len(counted) == 1, counted
    assert not [one for one in asked if "max(revisions.number)" in one]


def test_of_what_is_not_there_beside_a_text_nothing_more_is_asked(asked: list[str]) -> None:
    never_there = ("SELECT reviews.id", "SELECT comments.", "SELECT phrases.", "SELECT prompt_questions.")
    assert not [one for one in asked if one.startswith(never_there)]
    assert len(asked) <= 14, asked
