"""A pair may begin with a system message where the project allows it, and nowhere else."""

import pytest
from sqlalchemy.orm import Session

from app.projects.models import Project
from tests.cast import Cast
from tests.writing import work

WHOLE = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which tool?"}]


@pytest.fixture
def pair(cast: Cast) -> int:
    """An empty pair of the author's."""
    page = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    return int(page.rsplit("/", 1)[1])


@pytest.fixture
def allowed(cast: Cast, session: Session) -> None:
    """The project allows system messages."""
    session.get_one(Project, cast.project.id).allow_system = True
    session.commit()


@pytest.mark.usefixtures("allowed")
def test_the_system_message_is_saved_shown_and_handed_in_before_the_question(cast: Cast, pair: int) -> None:
    work.save(cast.author, pair, "Cursor", prompt="Which tool?", system="Be brief.")
    assert work.stored(cast.author, pair)["system"] == "Be brief."
    page = cast.author.get(f"/write/{pair}").text
    assert "Be brief." in page.split('name="system"')[1].split("</textarea>")[0]
    form = {"system": "Be brief.", "prompt": "Which tool?", "response": "Cursor", "revision": 1}
    assert work.post(cast.author, f"/write/{pair}", **form).status_code == 303
    handed_in = cast.author.get("/api/v1/submissions").json()["submissions"][0]["id"]
    assert cast.author.get(f"/api/v1/submissions/{handed_in}").json()["revisions"][0]["prompt_messages"] == WHOLE


@pytest.mark.usefixtures("allowed")
def test_emptying_the_field_takes_the_message_away(cast: Cast, pair: int) -> None:
    work.save(cast.author, pair, "Cursor", prompt="Which tool?", system="Be brief.")
    work.save(cast.author, pair, "Cursor", prompt="Which tool?", system="", revision=1)
    assert work.stored(cast.author, pair)["system"] == ""


@pytest.mark.usefixtures("allowed")
def test_two_windows_that_differ_in_it_alone_do_not_overwrite_each_other(cast: Cast, pair: int) -> None:
    # R20
    work.save(cast.author, pair, "", prompt="Which tool?", system="Be brief.")
    late = work.save(cast.author, pair, "", prompt="Which tool?", system="Be long.")
    assert (late.status_code, late.json()["current"]["system"]) == (409, "Be brief.")


def test_elsewhere_there_is_no_field_and_none_is_taken(cast: Cast, pair: int) -> None:
    assert 'name="system"' not in cast.author.get(f"/write/{pair}").text
    answer = work.save(cast.author, pair, "Cursor", prompt="Which tool?", system="Be brief.")
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors/writing.no_system")
