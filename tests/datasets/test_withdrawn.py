"""An approved response is withdrawn: later versions leave it out, and versions that hold it say which rows to drop."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.models import Version, VersionRow
from app.training.base_models import TINY
from app.training.service import start_run
from tests.cast import Cast
from tests.datasets.made import approve, published

Publish = Callable[[], Version]


def withdraw_first(cast: Cast, session: Session) -> int:
    """A published version of twenty-one rows, of which the author withdraws one."""
    submission = approve(session, cast, 1, first=22)[0]
    version = published(cast, session)
    assert cast.author.api("POST", f"/api/v1/submissions/{submission.id}/withdraw").status_code == 200
    assert version.counts
    return submission.id


def test_a_later_version_leaves_it_out_and_the_earlier_one_keeps_its_bytes(
    some_approved: Cast, session: Session
) -> None:  # S101
    submission_id = withdraw_first(some_approved, session)
    first = published(some_approved, session, "Another")
    earlier = session.get_one(Version, first.id - 1)
    assert sum(earlier.counts.values()) == 21
    assert sum(first.counts.values()) == 20
    held = select(VersionRow.version_id).where(VersionRow.submission_id == submission_id)
    assert session.scalars(held).all() == [earlier.id]


def test_the_earlier_version_is_marked_and_lists_rows_and_runs(
    some_approved: Cast, session: Session, publish: Publish
) -> None:  # S101
    submission_id = withdraw_first(some_approved, session)
    version = session.scalars(select(Version)).one()
    run = start_run(session, some_approved.admin.actor, version.id, base_model=TINY.name, models_root=Path("/nowhere"))
    session.commit()
    told = some_approved.reviewer.get(f"/api/v1/versions/{version.id}/withdrawn").json()
    assert told["superseded"] is True
    assert [row["id"] for row in told["rows"]] == [f"s{submission_id}-r1"]
    assert [one["id"] for one in told["runs"]] == [run.id]
    page = some_approved.reviewer.get(f"/versions/{version.id}").text
    assert "Superseded: 1 row was withdrawn since." in page
    listed = some_approved.reviewer.get(f"/versions/{version.id}/withdrawn").text
    assert f"s{submission_id}-r1" in listed
    assert f"Run {run.number}" in listed


def test_the_lists_of_versions_mark_it_and_only_it(
    some_approved: Cast, session: Session, publish: Publish
) -> None:  # S101
    withdraw_first(some_approved, session)
    publish()
    dataset_id = session.scalars(select(Version.dataset_id).distinct()).one()
    listed = some_approved.reviewer.get(f"/api/v1/datasets/{dataset_id}/versions").json()["versions"]
    assert [(one["number"], one["withdrawn"], one["retired"]) for one in listed] == [(2, 0, False), (1, 1, False)]
    for one in listed:
        assert some_approved.reviewer.get(f"/api/v1/versions/{one['id']}").json() == one
    page = some_approved.reviewer.get(f"/datasets/{dataset_id}").text
    assert page.count("Superseded: 1 row was withdrawn since.") == 1


def test_a_download_says_how_many_rows_to_drop_and_where_they_are_listed(
    some_approved: Cast, session: Session, storage: object
) -> None:  # S101
    withdraw_first(some_approved, session)
    version = session.scalars(select(Version)).one()
    headers = some_approved.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl").headers
    assert headers["X-Penset-Withdrawn"] == "1"
    assert headers["Link"] == f'</api/v1/versions/{version.id}/withdrawn>; rel="describedby"'


def test_a_version_of_which_nothing_was_withdrawn_says_so(some_approved: Cast, version: Version) -> None:
    assert some_approved.reviewer.get(f"/api/v1/versions/{version.id}/withdrawn").json()["superseded"] is False
    assert "Superseded" not in some_approved.reviewer.get(f"/versions/{version.id}").text
    assert "All of it stands" in some_approved.reviewer.get(f"/versions/{version.id}/withdrawn").text
    headers = some_approved.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl").headers
    assert "X-Penset-Withdrawn" not in headers
