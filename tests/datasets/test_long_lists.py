"""Lists that grow with the years come in pages of the same cost, on pages and by the API, and leave nothing out."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.datasets.models import Version, VersionStatus
from app.training import withdrawn_pages
from tests.cast import Cast, Client
from tests.datasets.made import approve, dataset
from tests.walking import every_row


def walked(client: Client, address: str, pattern: str) -> list[str]:
    """What a page and those after it show, in their order."""
    found, pages = [], 0
    while address:
        page = client.get(address).text
        found += re.findall(pattern, page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        address, pages = unescape(onward[1]) if onward else "", pages + 1
    assert pages > 1
    return found


@pytest.fixture
def many_versions(cast: Cast, session: Session, publish: Callable[[], Version]) -> Version:
    """The first of 45 versions of a dataset, of which the second is at work again."""
    approve(session, cast, 3)
    first = publish()
    rows = [
        {
            "project_id": first.project_id, "dataset_id": first.dataset_id, "number": number, "rule": {},
            "created_by": cast.admin.actor.user_id, "published_at": None if number == 2 else first.published_at,
            "status": VersionStatus.RUNNING if number == 2 else VersionStatus.PUBLISHED, "counts": first.counts,
        }
        for number in range(2, 46)
    ]  # fmt: skip
    session.execute(insert(Version), rows)
    session.commit()
    return first


def test_the_versions_of_a_dataset(cast: Cast, many_versions: Version) -> None:
    shown = walked(cast.reviewer, f"/datasets/{many_versions.dataset_id}", r">Version (\d+)</a>")
    assert shown == [str(number) for number in range(45, 0, -1)]


def test_while_an_old_one_is_at_work_the_newest_page_asks_again_and_an_old_page_for_itself(
    cast: Cast, many_versions: Version
) -> None:
    here = f"/datasets/{many_versions.dataset_id}"
    assert "every 1s" in cast.admin.get(here).text
    assert f"{here}/publish" not in cast.admin.get(here).text
    older = unescape(re.findall(r'href="([^"]+)" rel="next"', cast.admin.get(here).text)[0]).partition("#")[0]
    asks = unescape(re.findall(r'hx-get="([^"]+/progress[^"]*)"', cast.admin.get(older).text)[0])
    again = cast.admin.get(asks, headers={"X-Penset-Poll": "1"}).text
    assert "Version 25</a>" in again
    assert "Version 45</a>" not in again


def test_beside_a_version_the_newest_others_stand_and_the_way_to_all(cast: Cast, many_versions: Version) -> None:
    page = cast.reviewer.get(f"/versions/{many_versions.id}").text
    others = page.split("Other versions")[1].split("</div>")[0]
    assert re.findall(r">(\d+)</a>", others) == [str(number) for number in range(45, 25, -1)]
    assert f'href="/datasets/{many_versions.dataset_id}">All versions' in others


def test_the_datasets_of_a_project_by_name(cast: Cast, session: Session) -> None:
    names = [f"Set {number:02}" for number in range(45)]
    for name in reversed(names):
        dataset(cast, session, name)
    shown = walked(cast.reviewer, f"/projects/{cast.project.id}/datasets", r"<bdi>(Set \d+)</bdi>")
    assert shown == names


def test_the_rows_to_drop(
    cast: Cast, session: Session, publish: Callable[[], Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = approve(session, cast, 30)
    version = publish()
    session.execute(text("UPDATE submissions SET status = 'withdrawn' WHERE id <> :one"), {"one": made[0].id})
    session.commit()
    monkeypatch.setattr(withdrawn_pages, "AT_ONCE", 12)
    address = f"/versions/{version.id}/withdrawn"
    rows = every_row(cast.reviewer, f"/api/v1{address}", "rows")
    assert {row["submission_id"] for row in rows} == {one.id for one in made[1:]}
    assert len(rows) == 29
    assert cast.reviewer.get(f"/api/v1{address}").json()["dropped"] == 29
    shown = walked(cast.reviewer, address, r'class="mono">(s\d+-r1)<')
    assert shown == [row["id"] for row in rows]
    assert "29 rows of this version were withdrawn" in cast.reviewer.get(address).text
    headers = cast.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl").headers
    assert headers["X-Penset-Withdrawn"] == "29"
