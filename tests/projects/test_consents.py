"""Who has agreed to what? For the administrators of a project."""

import pytest
from sqlalchemy.orm import Session

from app.projects import consents, service
from tests.cast import Cast


@pytest.fixture
def signed(cast: Cast, session: Session) -> Cast:
    """The author accepted an earlier text and the text of now, the second writer the earlier one alone."""
    admin, project = cast.admin.actor, cast.project.id
    service.change_settings(session, admin, project, consent_text="Once.", licence="CC0-1.0")
    consents.accept(session, cast.author.actor, project)
    consents.accept(session, cast.second_author.actor, project)
    service.change_settings(session, admin, project, consent_text="<b>Now.</b>")
    consents.accept(session, cast.author.actor, project)
    session.commit()
    return cast


def test_an_admin_sees_each_text_with_its_people_and_who_is_missing(signed: Cast, here: str) -> None:
    page = signed.admin.get(f"{here}/consents").text
    now, earlier = page.index("The text of now, <bdi>"), page.index("An earlier text")
    assert now < earlier
    assert "&lt;b&gt;Now.&lt;/b&gt;" in page
    assert "4 of the members have yet to accept" in page
    assert "Ben Author" in page[: page.index("The text of now")]
    listed = signed.admin.get(f"/api/v1{here}/consents").json()["accepted"]
    assert [(one["text"], one["current"], len(one["by"])) for one in listed] == [
        ("<b>Now.</b>", True, 1),
        ("Once.", False, 2),
    ]


def test_nobody_else_sees_who_agreed(signed: Cast, here: str) -> None:  # S50
    for person in (signed.author, signed.reviewer):
        assert person.get(f"{here}/consents").status_code == 403
        assert person.get(f"/api/v1{here}/consents").status_code == 403
    assert signed.outsider.get(f"{here}/consents").status_code == 404


def test_a_project_in_which_nobody_was_asked_says_what_will_stand_here(cast: Cast, here: str) -> None:
    assert "Nobody has accepted anything yet" in cast.admin.get(f"{here}/consents").text
