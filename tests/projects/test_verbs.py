"""A project is begun, its rules are changed, its people come and go."""

import re

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.projects import service
from app.projects.queries import current_guidelines, list_categories, list_members
from tests import factories
from tests.cast import Cast


def test_who_begins_a_project_becomes_its_administrator_and_finds_first_guidelines(
    cast: Cast, session: Session
) -> None:
    project = service.create_project(session, cast.operator.actor, name="Everyday assistant", target=100)
    assert cast.operator.actor.administers(project.id)
    first = current_guidelines(session, project.id)
    assert first.version == 1
    assert [criterion["key"] for criterion in first.rubric] == ["helpful", "correct", "clear"]


def test_only_an_administrator_of_the_installation_begins_projects(cast: Cast, session: Session) -> None:
    with pytest.raises(Refused, match="not_an_operator"):
        service.create_project(session, cast.admin.actor, name="Mine")


def test_guidelines_grow_by_versions_and_the_old_ones_stay(cast: Cast, session: Session) -> None:
    rubric = [{"key": "kind", "name": "Kind", "description": ""}]
    second = service.revise_guidelines(session, cast.admin.actor, cast.project.id, text="Be kind.", rubric=rubric)
    assert (second.version, second.rubric) == (2, rubric)
    assert current_guidelines(session, cast.project.id).id == second.id


def test_guidelines_written_on_an_older_version_are_refused(cast: Cast, session: Session) -> None:  # R20
    rubric = factories.RUBRIC
    service.revise_guidelines(session, cast.admin.actor, cast.project.id, text="Two", rubric=rubric, based_on=1)
    with pytest.raises(Conflict, match="guidelines_moved_on"):
        service.revise_guidelines(session, cast.admin.actor, cast.project.id, text="Other", rubric=rubric, based_on=1)
    assert current_guidelines(session, cast.project.id).text == "Two"


@pytest.mark.parametrize(
    ("rubric", "place"),
    [
        ([], "/rubric"),
        ([{"key": "Helpful!", "name": "Helpful"}], "/rubric/0/key"),
        ([{"key": "helpful", "name": " "}], "/rubric/0/name"),
        ([{"key": "helpful", "name": "Helpful", "weight": 2}], "/rubric/0/weight"),
        ([{"key": "helpful", "name": "Helpful"}, {"key": "helpful", "name": "Twice"}], "/rubric/1/key"),
    ],
)
def test_a_wrong_rubric_is_refused_with_its_place(
    cast: Cast, session: Session, rubric: list[dict[str, object]], place: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        service.revise_guidelines(session, cast.admin.actor, cast.project.id, text="", rubric=rubric)
    assert [found.pointer for found in refusal.value.places] == [place]


def test_a_category_name_stands_once_in_a_project(cast: Cast, session: Session) -> None:
    service.add_category(session, cast.admin.actor, cast.project.id, name="Code", target=5)
    with pytest.raises(Conflict, match="category_exists"):
        service.add_category(session, cast.admin.actor, cast.project.id, name="Code")
    assert [category.name for category in list_categories(session, cast.project.id)] == ["Code", "Explain", "Plan"]


def test_a_new_member_gets_a_pseudonym_that_tells_nothing(cast: Cast, session: Session) -> None:
    person = factories.user(session, "Nora New")
    membership = service.add_member(session, cast.admin.actor, cast.project.id, user_id=person.id, role=Role.ANNOTATOR)
    assert re.fullmatch(r"a-[0-9a-f]{4}", membership.pseudonym)


def test_who_comes_back_has_the_old_pseudonym(cast: Cast, session: Session) -> None:
    person = factories.user(session, "Nora New")
    admin, project = cast.admin.actor, cast.project.id
    first = service.add_member(session, admin, project, user_id=person.id, role=Role.ANNOTATOR).pseudonym
    service.remove_member(session, admin, project, user_id=person.id)
    assert person.id not in [member.user_id for member in list_members(session, admin, project)]
    again = service.add_member(session, admin, project, user_id=person.id, role=Role.REVIEWER)
    assert (again.pseudonym, again.role) == (first, Role.REVIEWER)


def test_nobody_is_added_twice(cast: Cast, session: Session) -> None:
    author = cast.author.actor.user_id
    with pytest.raises(Conflict, match="already_a_member"):
        service.add_member(session, cast.admin.actor, cast.project.id, user_id=author, role=Role.ADMIN)


def test_the_last_administrator_can_neither_leave_nor_step_down(cast: Cast, session: Session) -> None:  # S50
    admin = cast.admin.actor
    with pytest.raises(Conflict, match="last_admin"):
        service.set_role(session, admin, cast.project.id, user_id=admin.user_id, role=Role.ANNOTATOR)
    with pytest.raises(Conflict, match="last_admin"):
        service.remove_member(session, admin, cast.project.id, user_id=admin.user_id)
    assert cast.admin.actor.administers(cast.project.id)


def test_a_second_administrator_lets_the_first_step_down(cast: Cast, session: Session) -> None:
    admin, reviewer = cast.admin.actor, cast.reviewer.actor
    service.set_role(session, admin, cast.project.id, user_id=reviewer.user_id, role=Role.ADMIN)
    service.set_role(session, admin, cast.project.id, user_id=admin.user_id, role=Role.ANNOTATOR)
    assert not cast.admin.actor.reviews(cast.project.id)


def test_no_member_but_an_administrator_changes_roles_or_rules(cast: Cast, session: Session) -> None:  # S50
    for person in (cast.author.actor, cast.reviewer.actor):
        with pytest.raises(Refused):
            service.set_role(session, person, cast.project.id, user_id=person.user_id, role=Role.ADMIN)
        with pytest.raises(Refused):
            service.change_settings(session, person, cast.project.id, lease_minutes=5)


def test_an_administrator_of_one_project_is_nobody_in_another(cast: Cast, session: Session) -> None:  # S50
    admin = cast.admin.actor
    with pytest.raises(NotFound):
        service.add_member(session, admin, cast.other_project.id, user_id=admin.user_id, role=Role.ADMIN)


def test_a_response_cannot_need_more_characters_than_it_may_have(cast: Cast, session: Session) -> None:
    with pytest.raises(Invalid, match="lengths"):
        service.change_settings(session, cast.admin.actor, cast.project.id, min_characters=500, max_characters=400)
