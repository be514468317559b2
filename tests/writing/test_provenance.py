"""How a text was typed is kept as counts, only where the project says so, and its writer sees the same figures."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.writing.models import Draft, Revision
from tests.cast import Cast
from tests.writing import work

TYPED = {"keystrokes": 40, "pastes": 1, "pasted_characters": 1200, "active_seconds": 9, "revisions": 3}
TWICE = {name: 2 * count for name, count in TYPED.items()}


@pytest.fixture
def kept(cast: Cast, session: Session) -> None:
    """The project keeps the counts."""
    session.get_one(Project, cast.project.id).keeps_provenance = True
    session.commit()


@pytest.mark.usefixtures("kept")
def test_the_counts_of_each_save_add_up_and_go_into_the_revision(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Because", typed=TYPED)
    work.save(cast.author, taken, "Because of the air", revision=1, typed=TYPED)
    assert work.hand_in(cast.author, taken, 2).status_code == 201
    assert session.scalars(select(Revision.provenance)).one() == TWICE


@pytest.mark.usefixtures("kept")
def test_the_writer_is_told_and_sees_the_same_figures(cast: Cast, taken: int) -> None:
    assert "This project keeps how a text was typed" in cast.author.get(f"/write/{taken}").text
    work.save(cast.author, taken, "Because", typed=TYPED)
    page = cast.author.get(f"/write/{taken}").text
    assert 'data-typed-count="pasted_characters">1,200<' in page
    assert work.stored(cast.author, taken)["typed"] == TYPED


@pytest.mark.usefixtures("kept")
def test_a_save_that_is_refused_counts_nothing_twice(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because", typed=TYPED)
    assert work.save(cast.author, taken, "Since", typed=TYPED).status_code == 409
    assert work.stored(cast.author, taken)["typed"] == TYPED


def test_by_default_nothing_is_counted_shown_or_kept(cast: Cast, session: Session, taken: int) -> None:
    assert "data-typed" not in cast.author.get(f"/write/{taken}").text
    work.save(cast.author, taken, "Because", typed=TYPED)
    work.hand_in(cast.author, taken, 1)
    assert session.scalars(select(Draft.provenance)).one() is None
    assert session.scalars(select(Revision.provenance)).one() is None


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("more", [{"keys": "abc"}, {"keystrokes": "many"}, {"pastes": -1}])
def test_anything_but_the_counts_is_refused(cast: Cast, taken: int, more: dict[str, object]) -> None:
    assert work.save(cast.author, taken, "Because", typed=TYPED | more).status_code == 422
