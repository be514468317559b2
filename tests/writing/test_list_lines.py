"""A list for programs says of each submission what the submission itself says."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.writing.schemas import SubmissionsOut
from tests import factories
from tests.cast import Cast, Client
from tests.writing import work


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The submissions of the list, which are as the document of the API has them."""
    answer = client.get(f"/api/v1/submissions{query}")
    SubmissionsOut.model_validate_json(answer.content, strict=True, extra="forbid")
    found: list[dict[str, Any]] = answer.json()["submissions"]
    return found


def test_a_line_says_what_the_submission_itself_says(cast: Cast, session: Session) -> None:
    for number, writer in enumerate((cast.author, cast.second_author)):
        work.ask(session, cast, f"Question {number}")
        made = work.written(writer, cast, f"Answer {number}")
    cast.second_author.api("POST", f"/api/v1/submissions/{made['id']}/withdraw")
    for client, many in ((cast.author, 1), (cast.second_author, 1), (cast.reviewer, 2)):
        lines = listed(client)
        assert len(lines) == many
        for line in lines:
            alone = client.get(f"/api/v1/submissions/{line['id']}").json()
            del alone["revisions"]
            assert (line, list(line)) == (alone, list(alone))


@pytest.mark.parametrize("chosen", ["", "?project_id={}", "?project_id={}&status=submitted"])
def test_who_reviews_in_one_project_sees_only_their_own_of_another(cast: Cast, session: Session, chosen: str) -> None:
    assert cast.reviewer.user
    assert cast.author.user
    other = factories.project(session, cast.author.user, "Where the reviewer writes")
    factories.member(session, other, cast.reviewer.user, Role.ANNOTATOR)
    made = {}
    for person in (cast.reviewer.user, cast.author.user):
        for project in (other, cast.project):
            prompt = factories.prompt(session, project, cast.author.user, f"{project.name} {person.name}")
            made[project, person] = factories.submission(session, prompt, person).id
    session.commit()
    shown = {line["id"] for line in listed(cast.reviewer, chosen.format(other.id))}
    expected = {made[other, cast.reviewer.user]}
    if not chosen:
        expected |= {made[cast.project, cast.reviewer.user], made[cast.project, cast.author.user]}
    assert shown == expected
