"""An admin publishes what is approved: numbered, frozen, listed when its files are whole."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.files import copy_to, open_file, version_files
from app.datasets.models import Version, VersionRow
from app.projects.consents import accept
from app.projects.service import change_settings
from tests.cast import Cast
from tests.datasets.made import approve, dataset, newest, published
from tests.jobs import do_jobs

Publish = Callable[[], Version]


def rows_of(storage: Storage, version: Version, split: str) -> list[dict]:  # type: ignore[type-arg]
    """The rows of one file, as a reader of JSON lines finds them."""
    content = b"".join(open_file(storage, version, f"{split}.jsonl")).decode()
    return [json.loads(line) for line in content.splitlines()]


def test_a_version_holds_what_is_approved(some_approved: Cast, version: Version, storage: Storage) -> None:
    assert (version.status, version.number, version.failure) == ("published", 1, "")
    assert sum(version.counts.values()) == 20
    assert all(version.counts[split] for split in ("train", "validation", "test"))
    rows = [row for split in version.counts for row in rows_of(storage, version, split)]
    assert {row["messages"][1]["content"] for row in rows} == {f"Answer number {n}." for n in range(1, 21)}
    assert rows[0]["metadata"]["ratings"] == {"correct": 5.0, "helpful": 4.0}


def test_rows_that_wait_on_disk_are_listed_like_those_in_memory(
    some_approved: Cast, session: Session, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.datasets.publish.facts.BLOCK", 3)  # as where there are thousands
    made = published(some_approved, session)
    assert (made.status, made.failure, sum(made.counts.values())) == ("published", "", 20)
    listed = session.scalar(select(func.count()).select_from(VersionRow).where(VersionRow.version_id == made.id))
    assert listed == sum(len(rows_of(storage, made, split)) for split in made.counts) == 20


def test_a_reviewer_sees_the_datasets_but_publishes_none(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    page = some_approved.reviewer.get(f"/datasets/{made.id}")
    assert page.status_code == 200
    assert "Publish the next version" not in page.text
    assert some_approved.reviewer.post(f"/datasets/{made.id}/publish").status_code == 403


def test_to_a_writer_and_to_an_outsider_the_dataset_does_not_exist(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    for client in (some_approved.author, some_approved.outsider, some_approved.operator):
        assert client.get(f"/datasets/{made.id}").status_code == 404
        assert client.post(f"/datasets/{made.id}/publish").status_code == 404


def test_while_one_version_is_at_work_no_second_begins(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    assert some_approved.admin.post(f"/datasets/{made.id}/publish").status_code == 303
    again = some_approved.admin.post(f"/api/v1/datasets/{made.id}/versions")
    assert (again.status_code, again.json()["type"]) == (409, "/errors/datasets.already_publishing")
    assert do_jobs(session).count("datasets.publish") == 1


def test_a_publication_that_is_asked_for_again_is_the_same_version(some_approved: Cast, session: Session) -> None:
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/versions"
    first, again = (some_approved.admin.post(address, headers={"Idempotency-Key": "v1"}) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 202


def test_the_page_tells_what_is_being_done_until_it_is_done(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    part = f"/datasets/{made.id}/progress"
    waiting = some_approved.admin.get(part, headers={"X-Penset-Poll": "1"})
    assert "Waiting for a worker" in waiting.text
    assert "hx-get" in waiting.text
    do_jobs(session)
    done = some_approved.admin.get(part, headers={"X-Penset-Poll": "1"})
    assert "hx-get" not in done.text
    assert "train," in done.text


def test_with_nothing_approved_publishing_fails_with_a_reason_and_can_be_tried_again(
    cast: Cast, session: Session, publish: Publish
) -> None:
    failed = publish()
    assert failed.status == "failed"
    page = cast.admin.get(f"/datasets/{failed.dataset_id}").text
    assert "there is nothing to publish" in page
    assert "Try again</button>" in page
    approve(session, cast, 3)
    assert cast.admin.post(f"/versions/{failed.id}/try-again").status_code == 303
    do_jobs(session)
    now = newest(session, cast)
    assert (now.id, now.number, now.status) == (failed.id, 1, "published")


def test_a_second_version_keeps_every_split_of_the_first(
    some_approved: Cast, session: Session, version: Version, publish: Publish, storage: Storage
) -> None:
    first = version
    was = {row["id"]: split for split in first.counts for row in rows_of(storage, first, split)}
    approve(session, some_approved, 30, first=21)
    second = publish()
    now = {row["id"]: split for split in second.counts for row in rows_of(storage, second, split)}
    assert second.number == 2
    assert second.parent_id == first.id
    assert len(now) == 50
    assert {row: now[row] for row in was} == was


def test_the_same_question_asked_again_goes_where_it_was(
    some_approved: Cast, session: Session, storage: Storage
) -> None:
    approve(session, some_approved, 1, first=50, text="What on earth is a saffron lantern good for?")
    approve(session, some_approved, 12, first=60)
    first = published(some_approved, session)
    mark = "saffron lantern"
    where = {s for s in first.counts if any(mark in str(row) for row in rows_of(storage, first, s))}
    approve(session, some_approved, 3, first=80, text="WHAT on earth is a saffron lantern good for")
    second = published(some_approved, session)
    assert {s for s in second.counts if any(mark in str(row) for row in rows_of(storage, second, s))} == where


def test_no_name_and_no_address_of_a_writer_is_published(
    some_approved: Cast, publish: Publish, storage: Storage
) -> None:
    # S54
    version = publish()
    for fact in version_files(version):
        content = b"".join(open_file(storage, version, fact.name)).decode()
        for person in (some_approved.author, some_approved.second_author, some_approved.reviewer, some_approved.admin):
            assert person.user
            assert person.user.name not in content
            assert person.user.email not in content


def test_the_manifest_names_the_size_rows_and_hash_of_every_file(
    some_approved: Cast, publish: Publish, storage: Storage
) -> None:
    import hashlib

    version = publish()
    content = {fact.name: b"".join(open_file(storage, version, fact.name)) for fact in version_files(version)}
    manifest = json.loads(content["manifest.json"])
    assert list(content) == ["train.jsonl", "validation.jsonl", "test.jsonl", "manifest.json", "README.md"]
    assert hashlib.sha256(content["manifest.json"]).hexdigest() == version.content_hash
    for name, fact in manifest["files"].items():
        assert fact["sha256"] == hashlib.sha256(content[name]).hexdigest()
        assert fact["bytes"] == len(content[name])
        if "rows" in fact:
            # S71
            assert fact["rows"] == len(content[name].decode().splitlines()) == content[name].count(b"\n")


def test_a_published_version_never_changes(some_approved: Cast, session: Session, version: Version) -> None:
    for statement in (
        "UPDATE versions SET number = 9",
        "DELETE FROM versions",
        "UPDATE version_rows SET split = 'train'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))
    assert newest(session, some_approved).number == version.number


def test_what_was_test_cannot_be_written_as_anything_else(
    some_approved: Cast, session: Session, publish: Publish
) -> None:
    publish()
    for statement in (
        "UPDATE prompt_splits SET split = 'train' WHERE split = 'test'",
        "DELETE FROM prompt_splits WHERE split = 'test'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_the_trainer_gets_the_files_as_they_were_published(
    some_approved: Cast, publish: Publish, storage: Storage, tmp_path: object
) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "copy"
    folder.mkdir()
    version = publish()
    copy_to(storage, version, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["test.jsonl", "train.jsonl", "validation.jsonl"]


def test_the_card_says_what_the_writers_accepted(
    some_approved: Cast, publish: Publish, storage: Storage, session: Session
) -> None:
    admin, project = some_approved.admin.actor, some_approved.project.id
    change_settings(session, admin, project, consent_text="I wrote this *myself*.", licence="CC-BY-4.0")
    accept(session, some_approved.author.actor, project)
    accept(session, some_approved.reviewer.actor, project)
    session.commit()
    version = publish()
    card = b"".join(open_file(storage, version, "README.md")).decode()
    assert "Accepted by 1 of 2 writers, with the licence CC\\-BY\\-4\\.0:" in card
    assert "> I wrote this \\*myself\\*\\." in card
    assert version.manifest
    terms = {"text": "I wrote this *myself*.", "licence": "CC-BY-4.0", "annotators": 1}
    assert version.manifest["consents"] == [terms]
