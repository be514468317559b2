"""What have we tried? The runs of a project, with what each taught, on the page and by the API."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from tests.cast import Cast
from tests.training.made import a_report, done, failed, started


def test_without_a_run_the_page_leads_to_the_datasets(cast: Cast) -> None:
    page = cast.admin.get(f"/projects/{cast.project.id}/runs").text
    assert "No run yet" in page
    assert f'href="/projects/{cast.project.id}/datasets"' in page


def test_runs_are_listed_newest_first_with_what_each_taught(
    cast: Cast, version: Version, session: Session, storage: Storage, tmp_path: Path
) -> None:
    first, second = started(cast.admin, version), started(cast.admin, version)
    done(session, storage, first, tmp_path / "model")
    failed(session, second, "The disk is full.")
    page = cast.reviewer.get(f"/projects/{cast.project.id}/runs").text
    assert page.index(">Run&nbsp;2</a>") < page.index(">Run&nbsp;1</a>")
    assert '<td class="num">-1.00</td>' in page
    assert f'<a href="/runs/{first}/report">1.00</a>' in page
    assert page.count('<td class="num">–</td>') == 2


def test_a_report_without_unseen_prompts_leaves_its_numbers_out(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    done(session, storage, queued, tmp_path / "model", a_report(splits={}, gap=None, categories=[]))
    assert cast.reviewer.get(f"/projects/{cast.project.id}/runs").text.count('<td class="num">–</td>') == 2


def test_many_runs_come_page_by_page_at_both_doors(cast: Cast, version: Version) -> None:
    made = [started(cast.admin, version) for _ in range(23)]
    api = f"/api/v1/projects/{cast.project.id}/runs"
    first = cast.reviewer.get(api).json()
    rest = cast.reviewer.get(api, params={"cursor": first["next_cursor"]}).json()
    assert [run["id"] for run in first["runs"] + rest["runs"]] == made[::-1]
    assert rest["next_cursor"] is None
    page = cast.reviewer.get(f"/projects/{cast.project.id}/runs").text
    older = cast.reviewer.get(page.split('" rel="next"')[0].rsplit('href="', 1)[1].replace("&amp;", "&")).text
    assert page.count('<th scope="row">') + older.count('<th scope="row">') == 23
    assert cast.admin.get(api, params={"cursor": first["next_cursor"]}).status_code == 422  # it was the reviewer's


def test_only_who_reviews_sees_the_list(cast: Cast, queued: int) -> None:
    for door in ("", "/api/v1"):
        address = f"{door}/projects/{cast.project.id}/runs"
        statuses = {
            name: getattr(cast, name).get(address).status_code
            for name in ("author", "reviewer", "admin", "outsider", "operator")
        }
        assert statuses == {"author": 403, "reviewer": 200, "admin": 200, "outsider": 404, "operator": 404}
    assert "not_a_reviewer" in cast.author.get(f"/api/v1/projects/{cast.project.id}/runs").json()["type"]
