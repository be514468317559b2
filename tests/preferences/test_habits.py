"""Who nearly always chose the same side is a fact that administrators are told, by name, and nobody else."""

import pytest
from sqlalchemy import null, update
from sqlalchemy.orm import Session

from app.preferences.jobs import renew_figures
from app.preferences.models import Choice, Comparison, ComparisonSet
from tests.cast import Cast, Client
from tests.preferences.conftest import MakeSet, judged, pair, side_of, took


@pytest.fixture
def one_sided(cast: Cast, make_set: MakeSet) -> ComparisonSet:
    """One person always presses 1, another reads the answers."""
    made = make_set(*(pair(at) for at in range(1, 12)), opinions=2)
    for client in (cast.author, cast.second_author):
        while mine := took(client, cast.project.id):
            judged(client, mine, "left" if client is cast.author else side_of(mine, "good"))
    renew_figures(timestamp=0)
    return made


def named(client: Client, made: ComparisonSet) -> list[tuple[str, int, int]]:
    """Whom the JSON door names; the page names the same."""
    told = client.get(f"/api/v1/comparison-sets/{made.id}").json()
    assert told["figures"]["one_sided"] == 1
    page = client.get(f"/projects/{made.project_id}/preferences").text
    assert "1 of 2 people with ten or more choices chose the same side" in page
    words = [f"{one['name']}: left in {one['left']} of {one['choices']} choices" for one in told["habits"]]
    assert all(one in page for one in words)
    assert ("Who, as only administrators are told" in page) == bool(words)
    return [(one["name"], one["left"], one["choices"]) for one in told["habits"]]


def test_an_administrator_is_told_who_always_chose_the_same_side(cast: Cast, one_sided: ComparisonSet) -> None:
    assert cast.author.user
    assert named(cast.admin, one_sided) == [(cast.author.user.name, 11, 11)]


def test_a_reviewer_is_told_how_many_but_not_who(cast: Cast, one_sided: ComparisonSet) -> None:
    assert cast.author.user
    assert named(cast.reviewer, one_sided) == []
    assert cast.author.user.name not in cast.reviewer.get(f"/projects/{cast.project.id}/preferences").text


def test_who_still_judges_in_the_set_is_told_of_nobody(cast: Cast, session: Session, make_set: MakeSet) -> None:  # S47
    made = make_set(*(pair(at) for at in range(1, 13)), opinions=2)
    for _ in range(11):
        judged(cast.author, took(cast.author, cast.project.id))
    judged(cast.admin, took(cast.admin, cast.project.id))
    renew_figures(timestamp=0)
    told = cast.admin.get(f"/api/v1/comparison-sets/{made.id}").json()
    assert (told["figures"], told["habits"], bool(told["withheld"])) == (None, [], True)


def test_whom_the_figures_count_is_kept_with_them_and_counted_at_no_look(
    cast: Cast, session: Session, one_sided: ComparisonSet
) -> None:
    session.execute(update(Comparison).values(choice=Choice.TIE))
    session.commit()
    assert [one[1:] for one in named(cast.admin, one_sided)] == [(11, 11)]


def test_figures_of_before_habits_were_kept_are_made_anew(
    cast: Cast, session: Session, one_sided: ComparisonSet
) -> None:
    session.execute(update(ComparisonSet).values(habits=null()))
    session.commit()
    assert named(cast.admin, one_sided) == []
    renew_figures(timestamp=0)
    assert [one[1:] for one in named(cast.admin, one_sided)] == [(11, 11)]


def test_an_order_of_many_counts_as_one_choice(cast: Cast, make_set: MakeSet) -> None:
    both = [(pair(at), pair(at, rejected="Ask a fish.")) for at in range(1, 12)]
    made = make_set(*(one for pairs in both for one in pairs), ranks=3)
    next_one = f"/api/v1/projects/{cast.project.id}/compare/next"
    while lies := cast.author.api("POST", next_one).json()["ranking"]:
        cast.author.api("POST", f"/api/v1/orderings/{lies['id']}", said="ordered", places=[1, 2, 3])
    renew_figures(timestamp=0)
    (one,) = cast.admin.get(f"/api/v1/comparison-sets/{made.id}").json()["habits"]
    assert (one["left"], one["choices"]) == (11, 11)
    page = cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    assert "what lay further up in 11 of 11 choices" in page
