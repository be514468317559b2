"""Who asks why a response is in or out hears of the benchmark that it repeats as well."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from tests.cast import Cast
from tests.datasets.contamination.test_benchmarks import LEAKED, add
from tests.datasets.made import approve, dataset

Publish = Callable[[], Version]


def prepared(cast: Cast, session: Session, percent: int | None) -> int:
    """The dataset that leaves out what holds so much of an item."""
    found = dataset(cast, session)
    address = f"/api/v1/datasets/{found.id}/preparation"
    assert cast.admin.put(address, json={"leave_out_overlap": percent}).status_code == 200
    return found.id


def asked(cast: Cast, dataset_id: int, submission_id: int) -> Any:
    """Whether it is taken, and what the answer about benchmarks says."""
    told = cast.reviewer.get(f"/api/v1/datasets/{dataset_id}/submissions/{submission_id}").json()
    return told["taken"], [(one["met"], one["found"]) for one in told["answers"] if one["name"] == "benchmarks"]


def test_before_a_version_compared_it_only_publishing_knows(
    some_approved: Cast, session: Session, storage: Storage
) -> None:
    leaked = approve(session, some_approved, 1, first=50, text=LEAKED)[0]
    dataset_id = prepared(some_approved, session, 70)
    page, preview = f"/datasets/{dataset_id}", f"/api/v1/datasets/{dataset_id}/preview"
    assert asked(some_approved, dataset_id, leaked.id) == (True, [])
    assert some_approved.reviewer.get(preview).json()["overlap_from"] is None
    assert "70 % or more of an item" not in some_approved.reviewer.get(page).text
    add(some_approved)
    assert asked(some_approved, dataset_id, leaked.id) == (True, [(None, "looked at when a version is published")])
    assert some_approved.reviewer.get(preview).json()["overlap_from"] == 70
    for there in (page, f"{page}/left-out", f"{page}/rule", f"{page}/rule?languages=en"):
        assert "70 % or more of an item" in some_approved.reviewer.get(there).text


def test_what_the_newest_version_found_is_the_reason(
    some_approved: Cast, session: Session, storage: Storage, publish: Publish
) -> None:
    leaked = approve(session, some_approved, 1, first=50, text=LEAKED)[0]
    other = approve(session, some_approved, 1, first=51)[0]
    add(some_approved)
    dataset_id = prepared(some_approved, session, 70)
    publish()
    reason = (False, [(False, "100 % of line 1 of Trains, as version 1 found")])
    assert asked(some_approved, dataset_id, leaked.id) == reason
    assert asked(some_approved, dataset_id, other.id) == (True, [(None, "looked at when a version is published")])
    page = some_approved.reviewer.get(f"/datasets/{dataset_id}/left-out?submission={leaked.id}").text
    assert "<strong>Out.</strong>" in page
    assert "100 % of line 1 of Trains" in page
    prepared(some_approved, session, None)
    assert asked(some_approved, dataset_id, leaked.id) == (True, [])
