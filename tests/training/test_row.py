"""From a row to everything that it comes from and every run that saw it; from a run back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.tokens import create_token
from app.datasets import lineage
from app.datasets.models import Split, Version, VersionRow
from app.training import seen as training_seen
from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.datasets.made import approve, published
from tests.training.made import descend, started


def row_in(session: Session, version: Version, split: Split) -> VersionRow:
    """The first row of a split."""
    rows = select(VersionRow).where(VersionRow.version_id == version.id, VersionRow.split == split)
    return session.scalars(rows.order_by(VersionRow.position)).all()[0]


def test_a_row_leads_to_its_submission_reviews_guidelines_and_to_the_runs_that_saw_it(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(session, cast, 20)
    first = published(cast, session)
    second = published(cast, session, name="Another")
    run_id = started(cast.admin, second, train_rows=7)
    row = row_in(session, first, Split.TRAIN)
    page = cast.reviewer.get(f"/versions/{first.id}/rows/{row.submission_id}").text
    assert f"Row s{row.submission_id}-r1" in page
    assert f'href="/submissions/{row.submission_id}?revision=1"' in page
    assert f'href="/projects/{cast.project.id}/guidelines?version=1"' in page
    assert "Rae Reviewer" in page
    assert "Answer number" in page
    assert "Why train" in page
    assert f'href="/versions/{second.id}/rows/{row.submission_id}"' in page
    assert f'href="/runs/{run_id}"' in page
    assert "trained on it, if it was among the 7 rows drawn" in page

    told = cast.reviewer.get(f"/api/v1/versions/{first.id}/rows/{row.submission_id}").json()
    assert (told["id"], told["split"], told["revision"]) == (f"s{row.submission_id}-r1", "train", 1)
    assert [review["decision"] for review in told["reviews"]] == ["approved"]
    assert [(one["dataset"], one["number"]) for one in told["versions"]] == [("Another", 1), ("Everything", 1)]
    assert told["settled"]["dataset"] == "Everything"
    seen = cast.reviewer.get(f"/api/v1/versions/{first.id}/rows/{row.submission_id}/runs").json()
    assert [(one["run_id"], one["as_split"], one["drew"]) for one in seen["runs"]] == [(run_id, "train", 7)]
    assert (told["more_versions"], seen["more"]) == (False, False)

    started(cast.admin, second)
    monkeypatch.setattr(lineage, "VERSIONS_SHOWN", 1)
    monkeypatch.setattr(training_seen, "RUNS_SHOWN", 1)
    told = cast.reviewer.get(f"/api/v1/versions/{first.id}/rows/{row.submission_id}").json()
    seen = cast.reviewer.get(f"/api/v1/versions/{first.id}/rows/{row.submission_id}/runs").json()
    assert (len(told["versions"]), told["more_versions"], len(seen["runs"]), seen["more"]) == (1, True, 1, True)
    page = cast.reviewer.get(f"/versions/{first.id}/rows/{row.submission_id}").text
    assert "older versions hold it, too" in page
    assert "older runs saw it, too" in page


def test_a_run_that_began_from_one_that_saw_a_row_saw_it_through_that_run(cast: Cast, session: Session) -> None:
    approve(session, cast, 20)
    version = published(cast, session)
    other = published(cast, session, name="Another", categories="Plan")
    saw = started(cast.admin, version, train_rows=7)
    later, last = descend(session, saw, started(cast.admin, other), started(cast.admin, other))
    held = select(VersionRow.submission_id).where(VersionRow.version_id == other.id)
    rows = select(VersionRow).where(VersionRow.version_id == version.id, VersionRow.split == Split.TRAIN)
    row = session.scalars(rows.where(VersionRow.submission_id.not_in(held)).limit(1)).one()
    seen = cast.reviewer.get(f"/api/v1/versions/{version.id}/rows/{row.submission_id}/runs").json()["runs"]
    assert [(one["run_id"], one["as_split"], one["drew"], one["through_run_id"]) for one in seen] == [
        (last, "train", 7, saw), (later, "train", 7, saw), (saw, "train", 7, None),
    ]  # fmt: skip
    page = cast.reviewer.get(f"/versions/{version.id}/rows/{row.submission_id}").text
    assert page.count("made from run 1, which trained on it") == 2
    assert f'href="/runs/{saw}">run 1</a>' in cast.reviewer.get(f"/runs/{later}").text
    assert f'<dt>Made from it</dt><dd><a href="/runs/{later}">run 2</a>' in cast.reviewer.get(f"/runs/{saw}").text


def test_a_held_out_row_was_measured_on_not_learned_from(cast: Cast, session: Session) -> None:
    approve(session, cast, 20)
    version = published(cast, session)
    started(cast.admin, version)
    row = row_in(session, version, Split.TEST)
    page = cast.reviewer.get(f"/versions/{version.id}/rows/{row.submission_id}").text
    assert "measured on it, as test" in page
    assert "trained on it" not in page


def test_why_a_row_is_tested_on_is_told_when_its_category_is_held_out_and_what_it_was_before(
    cast: Cast, session: Session
) -> None:
    approve(session, cast, 20)
    first = published(cast, session)
    row = row_in(session, first, Split.TRAIN)
    category_id = session.get_one(Submission, row.submission_id).category_id
    address = f"/api/v1/datasets/{first.dataset_id}/preparation"
    assert cast.admin.put(address, json={"held_out_categories": [category_id]}).status_code == 200
    second = published(cast, session)
    now, then = (cast.reviewer.get(f"/versions/{one.id}/rows/{row.submission_id}").text for one in (second, first))
    assert "Its category is held out: only tested on" in now
    assert "Rows are split by cluster" not in now
    assert "Its category is held out" not in then
    assert "and is test since" in then
    told = cast.reviewer.get(f"/api/v1/versions/{first.id}/rows/{row.submission_id}").json()
    assert (told["split"], told["settled"]["split"], told["settled"]["number"]) == ("train", "test", 2)


def test_a_run_leads_back_to_its_version_dataset_rule_and_rows(cast: Cast, session: Session) -> None:
    approve(session, cast, 20)
    version = published(cast, session, name="Some", categories="Explain")
    run_id = started(cast.admin, version)
    page = cast.reviewer.get(f"/runs/{run_id}").text
    assert "Every approved response, in the category Explain." in page
    assert f'href="/versions/{version.id}#rows"' in page
    assert f'href="/datasets/{version.dataset_id}"' in page
    told = cast.reviewer.get(f"/api/v1/runs/{run_id}/data").json()
    assert (told["dataset"], told["version"], told["content_hash"]) == ("Some", 1, version.content_hash)
    assert (told["rows"], told["guidelines"]) == (version.counts, [1])


def test_a_row_that_the_version_does_not_hold_is_none(cast: Cast, session: Session) -> None:
    approve(session, cast, 3)
    version = published(cast, session)
    (later,) = approve(session, cast, 1, first=10)
    row = row_in(session, version, Split.TRAIN)
    for door in ("/versions/{}/rows/{}", "/api/v1/versions/{}/rows/{}", "/api/v1/versions/{}/rows/{}/runs"):
        assert cast.reviewer.get(door.format(version.id, later.id)).status_code == 404
        for stranger in (cast.author, cast.outsider):
            assert stranger.get(door.format(version.id, row.submission_id)).status_code == 404


def test_a_token_that_reads_datasets_reads_no_runs(cast: Cast, session: Session) -> None:
    approve(session, cast, 3)
    version = published(cast, session)
    row = row_in(session, version, Split.TRAIN)
    _, secret = create_token(session, cast.admin.actor, name="pull", scopes=["datasets:read"], days=1)
    session.commit()
    program = Client(cast.visitor.app)  # type: ignore[arg-type]
    program.headers["Authorization"] = f"Bearer {secret}"
    address = f"/api/v1/versions/{version.id}/rows/{row.submission_id}"
    assert program.get(address).status_code == 200
    assert program.get(f"{address}/runs").status_code == 403
