"""Those who may see datasets are told of a new version; of one that failed, who asked for it."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.datasets.made import dataset, published
from tests.jobs import do_jobs
from tests.notices import told


def test_reviewers_and_administrators_hear_of_a_version(some_approved: Cast, session: Session) -> None:
    published(some_approved, session)
    assert told(session, some_approved.reviewer) == told(session, some_approved.admin) == ["version_published"]
    assert told(session, some_approved.author) == []
    assert "Version 1 of a dataset is published." in some_approved.reviewer.get("/notices").text


def test_who_asked_for_a_version_hears_that_it_failed(cast: Cast, session: Session) -> None:
    cast.admin.post(f"/datasets/{dataset(cast, session).id}/publish")
    do_jobs(session)
    assert told(session, cast.admin) == ["version_failed"]
    assert told(session, cast.reviewer) == []
