"""An administrator says what is held out of training; versions keep to it for ever, and say so."""

import json
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership
from app.core.near_join import clusters
from app.core.storage import Storage
from app.datasets.files import open_file, version_files
from app.datasets.models import Part, Split, Version
from app.datasets.splits.settling import Placed, parameters, settle, settled_digest
from app.projects.models import Category
from tests.cast import Cast
from tests.datasets.made import approve, dataset, published

Publish = Callable[[], Version]


def rows_of(storage: Storage, version: Version, part: str) -> list[dict[str, object]]:
    content = b"".join(open_file(storage, version, f"{part}.jsonl")).decode()
    return [json.loads(line) for line in content.splitlines()]


def category_of(cast: Cast, session: Session, name: str) -> int:
    found = select(Category.id).where(Category.project_id == cast.project.id, Category.name == name)
    return session.scalars(found).one()


def hold_out(cast: Cast, session: Session, **form: object) -> None:
    answer = cast.admin.post(f"/datasets/{dataset(cast, session).id}/preparation", data={"held_out_writers": ""} | form)
    assert answer.status_code == 303, answer.text


def test_a_held_out_category_is_tested_on_in_a_file_of_its_own(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    hold_out(some_approved, session, held_out_categories=category_of(some_approved, session, "Plan"))
    version = publish()
    assert version.counts["test_categories"] == 10
    assert {fact.name for fact in version_files(version)} >= {"test.jsonl", "test_categories.jsonl"}
    assert "Plan" not in str([rows_of(storage, version, part) for part in ("train", "validation", "test")])
    assert version.manifest
    assert version.manifest["held_out"] == {"writers": [], "categories": ["Plan"], "taken_along": 0}
    page = some_approved.reviewer.get(f"/versions/{version.id}?split=test_categories")
    assert page.text.count("Answer number") == 10
    assert "Only tested on: the kinds <bdi>Plan</bdi>" in " ".join(page.text.split())


def test_a_category_that_is_held_out_cannot_be_removed_though_nothing_is_filed_under_it(
    some_approved: Cast, session: Session
) -> None:
    address = f"/api/v1/projects/{some_approved.project.id}/categories"
    added = some_approved.admin.api("POST", address, name="Unused").json()["id"]
    hold_out(some_approved, session, held_out_categories=added)
    refused = some_approved.admin.api("DELETE", f"{address}/{added}")
    assert (refused.status_code, refused.json()["type"]) == (409, "/errors/projects.category_in_use")
    hold_out(some_approved, session)
    assert some_approved.admin.api("DELETE", f"{address}/{added}").status_code == 204


def test_a_later_version_of_another_dataset_trains_on_none_of_it_either(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    hold_out(some_approved, session, held_out_categories=category_of(some_approved, session, "Plan"))
    publish()
    hold_out(some_approved, session)
    approve(session, some_approved, 10, first=41)
    other = published(some_approved, session, "Another")
    assert other.counts["test_categories"] == 15
    assert "Plan" not in str(rows_of(storage, other, "train"))


def test_held_out_writers_are_named_by_pseudonym_and_nobody_trains_on_them(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    both = select(Membership.pseudonym).where(Membership.user_id == some_approved.second_author.actor.user_id)
    approve(session, some_approved, 1, first=101)
    hold_out(some_approved, session, held_out_writers="40")
    assert publish().counts.get("test_writers") is None  # each of the two alone makes a category
    swap_categories(some_approved, session)
    version = publish()
    assert version.manifest
    writers = version.manifest["held_out"]["writers"]
    assert len(writers) == 1
    assert version.counts["test_writers"] >= 10
    for part in Part:
        if part.value in version.counts:
            found = {row["metadata"]["annotator"] for row in rows_of(storage, version, part)}  # type: ignore[index]
            assert (writers[0] in found) is (part is Part.TEST_WRITERS)
    assert version.manifest["splits"]["held_out_writers"]["percent"] == 40
    card = b"".join(open_file(storage, version, "README.md")).decode()
    assert "in the order of a hash until 40 % of what people wrote" in card
    page = some_approved.admin.get(f"/datasets/{version.dataset_id}/preparation").text
    assert writers[0] in page
    assert session.scalars(both).one() in {writers[0], *version.manifest["annotators"]}


def swap_categories(cast: Cast, session: Session) -> None:
    """Both writers answer in both categories."""
    first = approve(session, cast, 12, first=121)
    names = {category_of(cast, session, name) for name in ("Explain", "Plan")}
    for submission in first:
        submission.category_id = next(iter(names - {submission.category_id}))
    session.commit()


def test_what_the_preparation_of_others_names_is_refused(some_approved: Cast, session: Session) -> None:
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/preparation"
    answer = some_approved.admin.put(address, json={"held_out_categories": [999_999]})
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors/datasets.bad_preparation")
    assert answer.json()["errors"][0]["pointer"] == "/preparation/held_out_categories/0"
    assert some_approved.admin.put(address, json={"held_out_writers": 51}).status_code == 422
    assert some_approved.reviewer.get(address).json()["preparation"]["held_out_writers"] is None


def test_what_somebody_changed_since_is_not_overwritten(some_approved: Cast, session: Session) -> None:
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/preparation"
    seen = some_approved.admin.get(address).headers["ETag"]
    theirs = some_approved.admin.request("PUT", address, json={"held_out_writers": 20}, headers={"If-Match": seen})
    mine = some_approved.admin.request("PUT", address, json={}, headers={"If-Match": seen})
    assert (mine.status_code, mine.json()["type"]) == (412, "/errors/datasets.preparation_changed")
    form = address.removeprefix("/api/v1")
    assert some_approved.admin.post(form, data={"held_out_writers": "", "seen": seen.strip('"')}).status_code == 412
    now = some_approved.admin.get(address)
    assert (now.json()["preparation"]["held_out_writers"], now.headers["ETag"]) == (20, theirs.headers["ETag"])
    assert theirs.headers["ETag"].strip('"') in some_approved.admin.get(form).text
    mine = some_approved.admin.request("PUT", address, json={}, headers={"If-Match": now.headers["ETag"]})
    assert mine.status_code == 200


def test_the_api_says_what_is_held_out_for_ever(some_approved: Cast, session: Session, publish: Publish) -> None:
    category = category_of(some_approved, session, "Plan")
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/preparation"
    told = some_approved.admin.put(address, json={"held_out_categories": [category]}).json()
    assert (told["preparation"]["held_out_categories"], told["kept_out"]) == ([category], [])
    version = publish()
    kept = some_approved.reviewer.get(address).json()["kept_out"]
    assert [(one["kind"], one["name"], one["version_id"]) for one in kept] == [("categories", "Plan", version.id)]


def test_the_files_and_the_manifest_are_enough_to_split_the_rows_again(
    some_approved: Cast, storage: Storage, version: Version
) -> None:
    assert version.manifest
    splits = version.manifest["splits"]
    assert "held_out_writers" not in splits
    assert splits["parameters"] == parameters(splits["parameters"]["salt"])
    assert splits["settled_before"] == {"prompts": 0, "sha256": settled_digest({})}
    was = {
        int(row["metadata"]["prompt_id"]): (part.in_split, row)  # type: ignore[index]
        for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)
        for row in rows_of(storage, version, part)
    }
    alike = clusters((one, row["messages"][0]["content"]) for one, (_, row) in was.items())  # type: ignore[index]
    placed = [Placed(one, alike[one], row["metadata"]["category"]) for one, (_, row) in was.items()]  # type: ignore[index]
    again = settle(placed, dict[int, Split](), splits["parameters"]["salt"])
    assert again == {one: split for one, (split, _) in was.items()}
