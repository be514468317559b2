"""What waits for me: drafts, changes asked, the next task, my week; and the way to the first project."""

from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.prompts.models import PromptStatus
from app.review.models import Decision
from tests import factories
from tests.cast import Cast, Client


def home(client: Client) -> str:
    """The first page as this person sees it."""
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


def person(client: Client) -> User:
    """Who sits at this browser."""
    assert client.user
    return client.user


def test_a_visitor_is_led_to_the_sign_in_and_back(cast: Cast) -> None:
    answer = cast.visitor.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")


def test_an_administrator_of_an_empty_installation_is_led_to_the_first_project(cast: Cast) -> None:
    shown = home(cast.operator)
    assert "No project yet" in shown
    assert 'href="/projects/new"' in shown


def test_somebody_in_no_project_learns_whom_to_ask(app: FastAPI, session: Session) -> None:
    shown = home(Client(app, factories.user(session, "Nina New"), session))
    assert "You are in no project yet" in shown
    assert "nina.new@example.org" in shown
    assert "/projects/new" not in shown


def test_the_draft_that_was_left_last_comes_first_and_the_others_follow(cast: Cast, session: Session) -> None:
    for number in (1, 2):
        prompt = factories.prompt(
            session, cast.project, person(cast.admin), f"Question {number}", status=PromptStatus.APPROVED
        )
        work = factories.assignment(session, prompt, person(cast.author), f"Half an answer {number}")
        session.commit()
    shown = home(cast.author)
    assert "Two drafts to go on with." in shown
    assert f'href="/write/{work.id}"' in shown.split("Your other drafts")[0]
    assert "Half an answer" not in home(cast.second_author)  # S44
    assert "Half an answer" not in home(cast.reviewer)


def test_changes_asked_of_me_come_with_the_note(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, person(cast.admin), status=PromptStatus.APPROVED)
    made = factories.submission(session, prompt, person(cast.author))
    factories.review(session, made, person(cast.reviewer), Decision.CHANGES_REQUESTED, note="Say why <it> holds.")
    session.commit()
    shown = home(cast.author)
    assert "One response to mend." in shown
    assert "Say why &lt;it&gt; holds." in shown
    assert "Rae Reviewer" not in shown.split("<main")[1]  # S54
    assert "Say why" not in home(cast.second_author)  # S45


def test_reviewers_are_told_what_waits_and_take_the_oldest_in_one_key(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, person(cast.admin), status=PromptStatus.APPROVED)
    factories.submission(session, prompt, person(cast.author))
    session.commit()
    shown = home(cast.reviewer)
    assert "One response to review." in shown
    assert f'action="/projects/{cast.project.id}/review/next"' in shown
    assert "/review/next" not in home(cast.author)
    assert "scatters" not in home(cast.second_author)


def test_every_project_offers_its_next_task(cast: Cast) -> None:
    shown = home(cast.author)
    assert f'action="/projects/{cast.project.id}/write/next"' in shown
    assert 'data-key="n"' in shown
    assert str(cast.other_project.name) not in shown  # S52


def test_n_takes_the_next_task_where_i_wrote_last(cast: Cast, session: Session) -> None:
    newer = factories.project(session, person(cast.admin), "A newer project")
    factories.member(session, newer, person(cast.author), Role.ANNOTATOR)
    session.commit()
    assert by_n(home(cast.author)) == newer.id
    prompt = factories.prompt(session, cast.project, person(cast.admin), status=PromptStatus.APPROVED)
    factories.assignment(session, prompt, person(cast.author), "Begun")
    session.commit()
    assert by_n(home(cast.author)) == cast.project.id


def by_n(shown: str) -> int:
    """The project whose next task the key n takes."""
    before = shown.split('data-key="n"')[0]
    return int(before.rsplit('action="/projects/', 1)[1].split("/")[0])


def test_admins_see_the_health_of_their_project_in_a_line(cast: Cast) -> None:
    assert "There is nothing to write about." in home(cast.admin)
    assert "There is nothing to write about." not in home(cast.author)


def test_my_week_counts_what_i_handed_in_and_what_was_approved(cast: Cast, session: Session) -> None:
    assert "0 handed in, 0 approved" in home(cast.author)
    for number in (1, 2):
        prompt = factories.prompt(session, cast.project, person(cast.admin), f"Q{number}", status=PromptStatus.APPROVED)
        made = factories.submission(session, prompt, person(cast.author))
    factories.review(session, made, person(cast.reviewer))
    session.commit()
    shown = home(cast.author)
    assert "2 handed in, 1 approved" in shown
    assert 'aria-label="Handed in a day' in shown
    assert 'data-state="approved"' in shown
    assert "0 handed in, 0 approved" in home(cast.second_author)
