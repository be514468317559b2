"""An administrator adds benchmarks; every version from then on is compared with them and carries the report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.contamination.benchmarks import key_of, used_by
from app.datasets.files import open_file, version_files
from app.datasets.models import Benchmark, Version, VersionStatus
from tests.cast import Cast
from tests.datasets.made import approve, dataset, newest, published
from tests.datasets.questions import question
from tests.jobs import do_jobs

Publish = Callable[[], Version]
LEAKED = "A train leaves the station at noon and reaches the next town forty miles away at one; how fast did it go?"
ITEMS = json.dumps({"question": LEAKED, "answer": "40"}) + '\n{"question": "Two and two?"}\n'


def add(cast: Cast, name: str = "Trains", text: str = ITEMS) -> Any:
    address = f"/api/v1/projects/{cast.project.id}/benchmarks/import"
    return cast.admin.post(address, params={"name": name, "licence": "MIT"}, content=text.encode())


def report(storage: Storage, version: Version) -> Any:
    return json.loads(b"".join(open_file(storage, version, "contamination.json")))


def test_a_row_that_repeats_a_benchmark_is_in_the_report_with_the_passage(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    leaked = approve(session, some_approved, 1, first=50, text="Please: " + LEAKED)[0]
    assert add(some_approved).status_code == 201
    version = publish()
    [row] = report(storage, version)["rows"]
    assert (row["id"], row["benchmark"], row["line"]) == (f"s{leaked.id}-r1", "Trains", 1)
    assert (row["percent"], row["long_runs"], row["left_out"]) == (100, 10, False)
    assert row["passage"].startswith("a train leaves the station")
    assert sum(version.counts.values()) == 21
    page = some_approved.reviewer.get(f"/versions/{version.id}").text
    assert "contamination.json" in page
    card = b"".join(open_file(storage, version, "README.md")).decode()
    assert "| Trains | MIT | 2 | 1 | 1 |" in card


def test_such_rows_are_left_out_where_the_dataset_says_so(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    approve(session, some_approved, 1, first=50, text=LEAKED)
    add(some_approved)
    address = f"/api/v1/datasets/{dataset(some_approved, session).id}/preparation"
    assert some_approved.admin.put(address, json={"leave_out_overlap": 70}).status_code == 200
    version = publish()
    assert sum(version.counts.values()) == 20
    assert [row["left_out"] for row in report(storage, version)["rows"]] == [True]
    assert version.manifest
    assert version.manifest["contamination"]["left_out"] == 1


def test_a_version_without_a_benchmark_says_so(some_approved: Cast, storage: Storage, version: Version) -> None:
    assert "contamination.json" not in [fact.name for fact in version_files(version)]
    assert "compared with no benchmark" in some_approved.reviewer.get(f"/versions/{version.id}").text
    assert "Compared with no benchmark" in b"".join(open_file(storage, version, "README.md")).decode()


def test_a_removed_benchmark_is_compared_with_no_later_version(
    some_approved: Cast, session: Session, publish: Publish
) -> None:
    add(some_approved)
    first = publish()
    benchmark = session.scalars(select(Benchmark)).one()
    assert some_approved.admin.post(f"/benchmarks/{benchmark.id}/remove").status_code == 303
    assert some_approved.admin.post(f"/benchmarks/{benchmark.id}/remove").status_code == 409
    second = published(some_approved, session, "Another")
    assert first.manifest
    assert second.manifest
    assert [one["name"] for one in first.manifest["contamination"]["benchmarks"]] == ["Trains"]
    assert second.manifest["contamination"]["benchmarks"] == []


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"Something else, damaged.")])
def test_a_benchmark_whose_file_is_gone_or_damaged_ends_publishing_in_words_and_is_mended_by_its_file(
    some_approved: Cast, session: Session, settings: Settings, publish: Publish, harm: Callable[[Path], object]
) -> None:  # R13
    benchmark = add(some_approved).json()
    harm(settings.files_folder / key_of(some_approved.project.id, benchmark["sha256"]))
    failed = publish()
    assert failed.status is VersionStatus.FAILED
    assert failed.failure.startswith("The file of the benchmark Trains is gone or damaged in storage, so nothing was")
    assert some_approved.admin.post(f"/benchmarks/{benchmark['id']}/remove").status_code == 303
    assert add(some_approved).status_code == 201
    assert some_approved.admin.post(f"/versions/{failed.id}/try-again").status_code == 303
    do_jobs(session)
    assert newest(session, some_approved).status is VersionStatus.PUBLISHED


def test_by_the_page_a_file_comes_in_with_its_name_licence_and_hash(some_approved: Cast, session: Session) -> None:
    address = f"/projects/{some_approved.project.id}/benchmarks"
    sent = {"file": ("b.txt", question(1).encode())}
    given = {"name": "<b>Mine</b>", "licence": "CC0-1.0"}
    assert some_approved.admin.post(f"{address}/import", data=given, files=sent).status_code == 303
    benchmark = session.scalars(select(Benchmark)).one()
    page = some_approved.reviewer.get(address).text
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page
    assert benchmark.sha256 in page
    assert "Add the benchmark" not in page
    other = {"file": ("b.txt", question(2).encode())}
    assert some_approved.admin.post(f"{address}/import", data=given, files=other).status_code == 409
    refused = some_approved.admin.post(f"{address}/import", data=given | {"name": " "}, files=sent)
    assert refused.status_code == 422


def test_a_first_line_nested_too_deep_to_be_read_is_taken_as_text(some_approved: Cast) -> None:
    deep = {"file": ("b.jsonl", b"[" * 20_000 + b"]" * 20_000)}
    address = f"/projects/{some_approved.project.id}/benchmarks/import"
    taken = some_approved.admin.post(address, data={"name": "Deep", "licence": "CC0-1.0"}, files=deep)
    assert taken.status_code == 303


def test_the_same_file_sent_again_is_the_benchmark_that_there_is(some_approved: Cast, session: Session) -> None:
    first, again = add(some_approved), add(some_approved)
    assert (again.status_code, again.json()) == (201, first.json())
    other = add(some_approved, text=ITEMS + "One line more that is not in the first")
    assert (other.status_code, other.json()["type"]) == (409, "/errors/datasets.benchmark_name_taken")
    assert session.query(Benchmark).count() == 1


def test_benchmarks_are_named_in_an_order_that_no_locale_changes() -> None:  # R14
    assert 'ORDER BY benchmarks.name COLLATE "C", benchmarks.id' in str(used_by(1))


def test_an_empty_file_is_refused(some_approved: Cast) -> None:
    answer = add(some_approved, text=" \n")
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors/datasets.empty_benchmark")
