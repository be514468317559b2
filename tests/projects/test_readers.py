"""Who has read which version of the guidelines, and who is reminded?"""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.projects import reading, service
from app.projects.models import Acknowledgement
from tests import factories
from tests.cast import Cast, Client
from tests.projects.conftest import Forms
from tests.projects.races import at_once

FIRST, CHANGED = "Read the guidelines once.", "The guidelines have changed since you last read them."


def revise(cast: Cast, session: Session, words: str = "Be kinder.") -> None:
    """The admin writes the next version."""
    rubric = factories.RUBRIC
    service.revise_guidelines(session, cast.admin.actor, cast.project.id, text=words, rubric=rubric)
    session.commit()


def pages(cast: Cast, person: Client) -> list[str]:
    """The pages on which this person works."""
    here = f"/projects/{cast.project.id}"
    paths = [f"{here}/write", f"{here}/review"] if person is cast.reviewer else [f"{here}/write"]
    return [person.get(path).text for path in paths]


def test_the_banner_stands_over_writing_and_reviewing_until_it_is_acknowledged_once(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    for person in (cast.author, cast.reviewer):
        assert all(FIRST in page for page in pages(cast, person))
        answer = forms.post(person, f"{here}/guidelines/1/read", next=f"{here}/write")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{here}/write")
        assert not any(FIRST in page for page in pages(cast, person))
    revise(cast, session)
    for person in (cast.author, cast.reviewer):
        assert all(CHANGED in page for page in pages(cast, person))
        assert all(f"{here}/guidelines?version=2&amp;against=1" in page for page in pages(cast, person))
    forms.post(cast.author, f"{here}/guidelines/2/read")
    assert CHANGED not in pages(cast, cast.author)[0]
    assert CHANGED in pages(cast, cast.reviewer)[0]


def test_the_banner_stands_over_an_open_draft(cast: Cast, forms: Forms, session: Session) -> None:
    begun = forms.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    assert FIRST in cast.author.get(begun).text
    assert f'name="next" value="{begun}"' in cast.author.get(begun).text


def test_who_wrote_the_newest_version_is_not_asked_to_read_it(cast: Cast, here: str) -> None:
    assert FIRST not in cast.admin.get(f"{here}/write").text
    assert "I have read it" not in cast.admin.get(f"{here}/guidelines").text


def test_other_pages_are_left_in_peace(cast: Cast, here: str) -> None:
    assert FIRST not in cast.author.get(f"{here}/prompts").text


def test_who_reads_while_the_next_is_written_has_read_the_older_one(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    assert "I have read it" in cast.author.get(f"{here}/guidelines").text
    revise(cast, session)
    forms.post(cast.author, f"{here}/guidelines/1/read")
    found = reading.unread(session, cast.author.actor, cast.project.id)
    assert found == reading.Unread(version=2, since=1)


def test_a_version_that_is_none_cannot_be_read(cast: Cast, here: str) -> None:
    assert cast.author.api("POST", f"/api/v1{here}/guidelines/7/read").status_code == 404
    assert cast.outsider.api("POST", f"/api/v1{here}/guidelines/1/read").status_code == 404


def test_an_admin_sees_who_has_read_which_version(cast: Cast, here: str, session: Session) -> None:
    for person in (cast.author, cast.second_author):
        assert person.api("POST", f"/api/v1{here}/guidelines/1/read").status_code == 204
    revise(cast, session)
    cast.author.api("POST", f"/api/v1{here}/guidelines/2/read")
    listed = {one["name"]: one for one in cast.admin.get(f"/api/v1{here}/readers").json()["readers"]}
    assert [one["version"] for one in listed["Ann Author"]["read"]] == [2, 1]
    assert (listed["Ann Author"]["up_to_date"], listed["Ben Author"]["up_to_date"]) == (True, False)
    assert listed["Ada Admin"]["up_to_date"]
    page = cast.admin.get(f"{here}/guidelines/readers").text
    assert "2 of 5 have read version 2" in page
    assert "not the newest" in page
    assert "none yet" in page


def test_nobody_but_an_admin_sees_who_reads(cast: Cast, here: str) -> None:  # S50
    for person in (cast.author, cast.reviewer):
        assert person.get(f"{here}/guidelines/readers").status_code == 403
        assert person.get(f"/api/v1{here}/readers").status_code == 403


def test_an_acknowledgement_stays(cast: Cast, here: str, session: Session) -> None:
    cast.author.api("POST", f"/api/v1{here}/guidelines/1/read")
    for change in ("UPDATE acknowledgements SET user_id = 1", "DELETE FROM acknowledgements"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


def test_two_clicks_at_once_are_one_acknowledgement_and_one_line_in_the_audit(
    own_sessions: sessionmaker[Session],
) -> None:
    with own_sessions.begin() as session:
        project = factories.project(session, factories.user(session, "Ada Admin"))
        writer = factories.user(session, "Ann Author")
        factories.member(session, project, writer, Role.ANNOTATOR)
    said = [lambda session: reading.acknowledge(session, actor_for(session, writer), project.id)] * 2
    assert at_once(own_sessions, *said) == []
    with own_sessions() as session:
        assert session.scalar(select(func.count()).select_from(Acknowledgement)) == 1
        logged = text("SELECT count(*) FROM audit_log WHERE action = 'projects.guidelines_read'")
        assert session.scalar(logged) == 1


def test_the_newest_is_meant_where_no_version_is_named(cast: Cast, session: Session) -> None:
    revise(cast, session)
    author = cast.author.actor
    assert reading.unread(session, author, cast.project.id) == reading.Unread(2, None)
    assert reading.acknowledge(session, author, cast.project.id).version == 2
    assert reading.unread(session, author, cast.project.id) is None
