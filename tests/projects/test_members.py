"""Who is in a project: brought in by a link, given a role, taken out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role
from tests import factories
from tests.cast import Cast, Client
from tests.projects.conftest import Forms


def brought_in(cast: Cast, forms: Forms, email: str, role: str = "annotator", by: Client | None = None) -> Any:
    """The admin brings somebody in."""
    path = f"/projects/{cast.project.id}/members"
    return forms.post(by or cast.admin, path, email=email, name="Nora New", role=role)


def role_of(session: Session, cast: Cast, person: Client) -> Role | None:
    """The role that is stored."""
    assert person.user
    found = select(Membership).where(
        Membership.project_id == cast.project.id, Membership.user_id == person.user.id, Membership.left_at.is_(None)
    )
    member = session.scalar(found.execution_options(populate_existing=True))
    return member.role if member else None


def test_somebody_new_is_brought_in_by_a_link(cast: Cast, forms: Forms, here: str) -> None:
    answer = brought_in(cast, forms, "nora@example.org")
    assert answer.status_code == 201
    assert "http://testserver/invite/" in answer.text
    assert "nora@example.org" in cast.admin.get(f"{here}/members").text


def test_somebody_known_is_brought_in_with_the_same_answer(cast: Cast, forms: Forms, session: Session) -> None:  # S3
    known = factories.user(session, "Kim Known", email="kim@example.org")
    session.commit()
    answer = brought_in(cast, forms, "kim@example.org", "reviewer")
    assert answer.status_code == 201
    assert "http://testserver/invite/" in answer.text
    member = session.get(Membership, (cast.project.id, known.id))
    assert member
    assert member.role is Role.REVIEWER


def test_only_admins_see_and_change_people(cast: Cast, forms: Forms, here: str, session: Session) -> None:  # S50
    assert cast.author.user
    mine = f"{here}/members/{cast.author.user.id}"
    for person in (cast.author, cast.reviewer):
        assert person.get(f"{here}/members").status_code == 403
        assert person.get(f"/api/v1{here}/members").status_code == 403
        assert forms.post(person, f"{mine}/role", role="admin").status_code == 403
        assert brought_in(cast, forms, "new@example.org", "admin", by=person).status_code == 403
    assert role_of(session, cast, cast.author) is Role.ANNOTATOR


def test_an_admin_of_another_project_is_nobody_here(cast: Cast, forms: Forms, here: str, session: Session) -> None:
    # S50
    assert cast.outsider.user
    assert cast.outsider.get(f"{here}/members").status_code == 404
    assert brought_in(cast, forms, "olga.outsider@example.org", "admin", by=cast.outsider).status_code == 404
    assert role_of(session, cast, cast.outsider) is None


def test_a_role_is_changed_and_the_last_admin_keeps_theirs(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:  # S50
    assert cast.author.user
    assert cast.admin.user
    forms.post(cast.admin, f"{here}/members/{cast.author.user.id}/role", role="reviewer")
    assert role_of(session, cast, cast.author) is Role.REVIEWER
    for act in ("role", "remove"):
        fields = {"role": "annotator"} if act == "role" else {}
        refusal = forms.post(cast.admin, f"{here}/members/{cast.admin.user.id}/{act}", **fields)
        assert refusal.status_code == 409
        assert "A project needs an administrator." in refusal.text
    assert role_of(session, cast, cast.admin) is Role.ADMIN


def test_who_is_taken_out_finds_nothing_at_the_next_click(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:  # S51
    assert cast.author.user
    assert cast.author.get(f"{here}/guidelines").status_code == 200
    forms.post(cast.admin, f"{here}/members/{cast.author.user.id}/remove")
    assert cast.author.get(f"{here}/guidelines").status_code == 404
    assert role_of(session, cast, cast.author) is None


def test_the_api_brings_in_changes_and_removes(cast: Cast, here: str) -> None:
    people = f"/api/v1{here}/members"
    made = cast.admin.api("POST", people, email="nora@example.org", name="Nora", role="annotator").json()
    person = f"{people}/{made['member']['user_id']}"
    assert made["link"].startswith("http://testserver/invite/")
    assert cast.admin.api("PUT", person, role="reviewer").json()["role"] == "reviewer"
    assert cast.admin.delete(person).status_code == 204
    assert cast.admin.delete(person).status_code == 404
    assert "nora@example.org" not in cast.admin.get(people).text


def test_a_membership_takes_no_other_field(cast: Cast, forms: Forms, here: str) -> None:  # S49
    assert cast.author.user
    mine = f"{here}/members/{cast.author.user.id}/role"
    assert forms.post(cast.admin, mine, role="reviewer", pseudonym="a-0000").status_code == 422
    assert cast.admin.api("PUT", f"/api/v1{mine}".removesuffix("/role"), role="owner").status_code == 422
