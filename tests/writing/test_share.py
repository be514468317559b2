"""A project may say how much one person writes at most: nobody begins more, and each sees their share."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.projects.models import Project
from tests.cast import Cast, Client
from tests.writing import work


@pytest.fixture(autouse=True)
def _two_each(cast: Cast, session: Session) -> None:
    """Two responses of one person, and prompts enough."""
    session.execute(update(Project).where(Project.id == cast.project.id).values(responses_per_writer=2))
    for asked in ("One", "Two", "Three", "Four"):
        work.ask(session, cast, asked)


def refused(client: Client, cast: Cast) -> tuple[int, str]:
    """What somebody hears who asks for the next prompt."""
    answer = client.api("POST", f"/api/v1/projects/{cast.project.id}/assignments")
    return answer.status_code, str(answer.json().get("type", ""))


def page(client: Client, cast: Cast) -> str:
    return client.get(f"/projects/{cast.project.id}/write").text


def test_who_has_written_their_share_begins_nothing_more_and_others_do(cast: Cast) -> None:
    work.written(cast.author, cast, "First")
    assert "1 of the 2 responses that one person may write here are handed in." in page(cast.author, cast)
    work.written(cast.author, cast, "Second")
    assert refused(cast.author, cast) == (409, "/errors/writing.share_done")
    pair = work.post(cast.author, f"/projects/{cast.project.id}/write/pair")
    assert pair.status_code == 409
    assert "One person writes at most 2 responses here." in pair.text
    work.written(cast.second_author, cast, "Somebody else's")


def test_drafts_that_are_begun_count_and_can_be_gone_on_with(cast: Cast) -> None:
    work.written(cast.author, cast, "First")
    begun = work.take(cast.author, cast)
    assert work.save(cast.author, begun, "Half").status_code == 200
    assert refused(cast.author, cast) == (409, "/errors/writing.share_done")
    assert work.hand_in(cast.author, begun, 1).status_code == 201


def test_a_skip_is_not_undone_for_a_draft_more_than_one_may_begin(cast: Cast, session: Session) -> None:
    work.written(cast.author, cast, "First")
    skipped = work.take(cast.author, cast)
    work.save(cast.author, skipped, "Half")
    led_to = work.post(cast.author, f"/write/{skipped}/skip", kind="unclear", reason="Which?").headers["location"]
    assert "undo-skip" not in cast.author.get(led_to).text, "the next prompt was taken with it"
    undo = work.post(cast.author, f"/write/{skipped}/undo-skip")
    assert (undo.status_code, "Go on with the drafts that you have begun." in undo.text) == (409, True)
    session.execute(update(Project).values(responses_per_writer=3))
    session.commit()
    assert work.post(cast.author, f"/write/{skipped}/undo-skip").status_code == 303


def test_what_is_withdrawn_makes_room(cast: Cast) -> None:
    first = work.written(cast.author, cast, "First")
    work.written(cast.author, cast, "Second")
    assert cast.author.api("POST", f"/api/v1/submissions/{first['id']}/withdraw").status_code == 200
    assert refused(cast.author, cast)[0] == 201


def test_where_none_is_set_nobody_has_a_share(cast: Cast, session: Session) -> None:
    session.execute(update(Project).values(responses_per_writer=0))
    session.commit()
    assert "that one person may write" not in page(cast.author, cast)
    for text in ("First", "Second", "Third"):
        work.written(cast.author, cast, text)
