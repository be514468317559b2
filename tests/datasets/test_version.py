"""What is in a version: its splits, files, rows, categories and card, on one page and by the API."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.datasets.models import Dataset, Version, VersionStatus
from tests.cast import Cast
from tests.datasets.made import approve, published

Publish = Callable[[], Version]


def test_the_page_shows_splits_files_categories_and_the_way_to_training(some_approved: Cast, version: Version) -> None:
    page = some_approved.reviewer.get(f"/versions/{version.id}").text
    train, validation, test = (version.counts[split] for split in ("train", "validation", "test"))
    assert f'aria-label="Train {train} rows, validation {validation}, test {test}"' in page
    for name in ("train.jsonl", "validation.jsonl", "test.jsonl", "manifest.json", "README.md"):
        assert f"/versions/{version.id}/files/{name}" in page
    assert f"/versions/{version.id}/train" in page
    assert f"http://testserver/api/v1/versions/{version.id}/files/train.jsonl" in page
    assert "Explain" in page
    assert "<h2>Splits</h2>" in page


def test_rows_are_browsed_by_split_and_page_by_page(cast: Cast, session: Session) -> None:
    approve(session, cast, 45)
    version = published(cast, session)
    address = f"/versions/{version.id}"
    seen: list[str] = []
    page = cast.reviewer.get(address + "?split=train").text
    while True:
        seen += [line for line in page.split("\n") if "Answer number" in line]
        if 'rel="next"' not in page:
            break
        page = cast.reviewer.get(page.split('" rel="next"')[0].rsplit('href="', 1)[1].replace("&amp;", "&")).text
    assert len(seen) == len(set(seen)) == version.counts["train"]


def test_a_place_in_the_list_of_another_version_is_refused(some_approved: Cast, version: Version) -> None:
    assert some_approved.reviewer.get(f"/versions/{version.id}?cursor=nonsense").status_code == 422


def test_html_in_texts_and_names_stays_text(cast: Cast, session: Session) -> None:
    cast.project.name = "<script>alert(1)</script>"
    approve(session, cast, 3, text="<img src=x onerror=alert(2)> [x](javascript:alert(3))")
    version = published(cast, session, name="<b>bold</b> & `more`")
    page = cast.reviewer.get(f"/versions/{version.id}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>bold" not in page


def test_the_api_tells_the_same(some_approved: Cast, version: Version) -> None:
    told = some_approved.reviewer.get(f"/api/v1/versions/{version.id}").json()
    assert (told["status"], told["number"], told["counts"]) == ("published", 1, version.counts)
    assert told["content_hash"] == version.content_hash
    assert [file["name"] for file in told["files"]][:2] == ["train.jsonl", "validation.jsonl"]
    assert told["files"][0]["rows"] == version.counts["train"]
    listed = some_approved.reviewer.get(f"/api/v1/datasets/{version.dataset_id}/versions").json()["versions"]
    assert [one["id"] for one in listed] == [version.id]


def test_versions_and_datasets_come_in_pages(some_approved: Cast, session: Session, version: Version) -> None:
    made = {"project_id": version.project_id, "created_by": some_approved.admin.actor.user_id, "rule": version.rule}
    failed = {
        "dataset_id": version.dataset_id,
        "rule_number": 1,
        "status": VersionStatus.FAILED,
        "failure": "For a test.",
    }
    session.add_all(Version(number=number, **failed, **made) for number in range(2, 22))
    session.add_all(Dataset(name=f"Number {number}", **made) for number in range(20))
    session.commit()
    lists = {
        f"/api/v1/datasets/{version.dataset_id}/versions": ("versions", "number", list(range(21, 0, -1))),
        f"/api/v1/projects/{version.project_id}/datasets": (
            "datasets", "name", ["Everything", *(f"Number {number}" for number in range(20))]
        ),
    }  # fmt: skip
    for address, (name, field, every) in lists.items():
        first = some_approved.reviewer.get(address).json()
        rest = some_approved.reviewer.get(address, params={"cursor": first["next_cursor"]}).json()
        assert [one[field] for one in first[name] + rest[name]] == every
        assert (len(rest[name]), rest["next_cursor"]) == (1, None)


def test_to_a_writer_and_an_outsider_there_is_no_version(some_approved: Cast, version: Version) -> None:
    for client in (some_approved.author, some_approved.outsider):
        assert client.get(f"/versions/{version.id}").status_code == 404
        assert client.get(f"/api/v1/versions/{version.id}").status_code == 404
        assert client.get(f"/api/v1/datasets/{version.dataset_id}/versions").status_code == 404


def test_a_version_that_is_not_published_has_a_page_without_files(some_approved: Cast, session: Session) -> None:
    from tests.datasets.made import dataset, newest

    some_approved.admin.post(f"/datasets/{dataset(some_approved, session).id}/publish")
    version = newest(session, some_approved)
    page = some_approved.reviewer.get(f"/versions/{version.id}")
    assert page.status_code == 200
    assert "train.jsonl" not in page.text
    assert some_approved.reviewer.get(f"/versions/{version.id}/files/train.jsonl").status_code == 404
