"""How far a project is, and what holds it back."""

import pytest
from sqlalchemy import func
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.tokens import create_token
from app.datasets.models import Dataset, DatasetKind, Version, VersionStatus
from app.insights import overview_api
from app.projects.models import Project
from app.projects.queries import list_categories
from app.prompts.models import PromptStatus
from app.training.models import Run, RunStatus
from tests import factories
from tests.cast import Cast, Client
from tests.datasets.made import approve


def overview(client: Client, project: Project) -> str:
    """The project's page as this person sees it."""
    answer = client.get(f"/projects/{project.id}")
    assert answer.status_code == 200
    return answer.text


def person(client: Client) -> User:
    """Who sits at this browser."""
    assert client.user
    return client.user


def lived(cast: Cast, session: Session) -> None:
    """One text in each room that a text can stand in before a version."""
    session.get_one(Project, cast.project.id).target = 4
    explain = list_categories(session, cast.project.id)[0]
    values = {"status": PromptStatus.APPROVED, "category_id": explain.id}
    prompts = [
        factories.prompt(session, cast.project, person(cast.admin), f"Q{number}", **values) for number in range(4)
    ]
    factories.assignment(session, prompts[0], person(cast.author), "Half a thought")
    factories.submission(session, prompts[1], person(cast.author), "A secret answer")
    approved = factories.submission(session, prompts[2], person(cast.second_author))
    factories.review(session, approved, person(cast.reviewer))
    session.commit()


def test_the_pipeline_counts_every_room(cast: Cast, session: Session) -> None:
    lived(cast, session)
    shown = overview(cast.admin, cast.project)
    assert "1 of 4 responses are approved." in shown
    counts = [part.split("<")[0] for part in shown.split('class="pipeline-count">')[1:]]
    assert counts == ["2", "1", "1", "1", "0", "0"]
    assert "by 1 writer now" in shown
    assert "25 % of the target" in shown
    assert "none published yet" in shown


def trained_on(cast: Cast, session: Session, kind: DatasetKind, rows: int) -> None:
    """A version with so many rows, and a run that has learned from it."""
    own = {"project_id": cast.project.id, "created_by": person(cast.admin).id}
    dataset = factories.stored(session, Dataset(**own, rule={}, name=kind, kind=kind))
    published = {"status": VersionStatus.PUBLISHED, "published_at": func.now(), "counts": {"train": rows}}
    version = factories.stored(session, Version(**own, rule={}, dataset_id=dataset.id, number=1, **published))
    learned = {"base_model": "tiny", "plan": {}, "status": RunStatus.DONE, "folder": kind, "number": rows}
    factories.stored(session, Run(**own, version_id=version.id, **learned))


def test_pairs_that_people_compared_are_no_responses_on_their_way(cast: Cast, session: Session) -> None:
    trained_on(cast, session, DatasetKind.RESPONSES, 7)
    trained_on(cast, session, DatasetKind.PREFERENCES, 5)
    session.commit()
    shown = overview(cast.admin, cast.project)
    assert [part.split("<")[0] for part in shown.split('class="pipeline-count">')[5:]] == ["7", "7"]
    assert "run 7" in shown


def test_what_holds_it_back_is_told_from_the_numbers(cast: Cast, session: Session) -> None:
    lived(cast, session)
    shown = overview(cast.reviewer, cast.project)
    assert "Review is the narrow place." in shown
    assert f'<a href="/projects/{cast.project.id}/review">Review the next</a>' in shown
    assert "Review the next" not in overview(cast.author, cast.project)


def test_targets_stand_by_category_and_the_curve_has_its_table(cast: Cast, session: Session) -> None:
    lived(cast, session)
    shown = overview(cast.author, cast.project)
    assert "<bdi>Explain</bdi>" in shown
    assert '1<span class="soft"> of 10</span>' in shown
    assert "Approved responses in all: 1 now, the target is 4" in shown
    assert "The numbers as a table" in shown


def test_a_new_project_says_what_will_stand_here(cast: Cast) -> None:
    shown = overview(cast.author, cast.project)
    assert "The curve begins with the first approved response." in shown
    assert "No target is set." in shown


def test_a_writer_is_led_only_where_they_may_go(cast: Cast, session: Session) -> None:
    lived(cast, session)
    pipeline = overview(cast.author, cast.project).split('class="pipeline"')[1].split("</figure>")[0]
    for hidden in ("/review", "/datasets", "/runs"):
        assert f'href="/projects/{cast.project.id}{hidden}' not in pipeline
    for href in [part.split('"')[0] for part in pipeline.split('href="')[1:]]:
        assert cast.author.get(href).status_code == 200


def test_it_tells_nothing_of_anybodys_text(cast: Cast, session: Session) -> None:
    lived(cast, session)
    for client in (cast.second_author, cast.reviewer, cast.admin):
        shown = overview(client, cast.project)
        assert "secret answer" not in shown  # S45
        assert "Half a thought" not in shown  # S44


def test_to_an_outsider_the_project_does_not_exist(cast: Cast) -> None:
    assert cast.outsider.get(f"/projects/{cast.project.id}").status_code == 404
    assert cast.operator.get(f"/projects/{cast.project.id}").status_code == 404
    assert cast.visitor.get(f"/projects/{cast.project.id}").status_code == 303


def test_a_program_reads_how_far_a_project_is(cast: Cast, session: Session) -> None:
    approve(session, cast, 4)
    told = cast.author.get(f"/api/v1/projects/{cast.project.id}/overview").json()
    assert told["counts"]["approved"] == 4
    assert [one["total"] for one in told["growth"]][-1] == 4
    assert {one["name"] for one in told["categories"]}
    assert told["narrow"]["finding"] in cast.author.get(f"/projects/{cast.project.id}").text


def test_a_token_learns_nothing_there_of_rooms_that_it_may_not_read(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview_api, "in_short", lambda *_: "Alpha 0.61")
    monkeypatch.setattr(overview_api, "judged_twice", lambda *_: True)
    _, narrow = create_token(session, cast.admin.actor, name="Narrow", scopes=["projects:read"], days=9)
    _, wide = create_token(session, cast.admin.actor, name="Wide", scopes=["projects:read", "reviews:read"], days=9)
    session.commit()

    def agreement(token: str) -> str:
        headers = {"Authorization": f"Bearer {token}"}
        answer = cast.visitor.get(f"/api/v1/projects/{cast.project.id}/overview", headers=headers)
        return str(answer.json()["agreement"])

    assert (agreement(narrow), agreement(wide)) == ("", "Alpha 0.61")
