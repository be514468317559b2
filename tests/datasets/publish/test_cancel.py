"""An administrator cancels what is being published, on the page or by the API."""

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.datasets.made import dataset, newest
from tests.jobs import do_jobs

DOORS = {"": 303, "/api/v1": 200}


@pytest.mark.parametrize("door", DOORS)
def test_what_waits_is_cancelled_and_published_again_under_its_number(
    some_approved: Cast, session: Session, door: str
) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    waiting = newest(session, some_approved)
    assert "Cancel</button>" in some_approved.admin.get(f"/datasets/{made.id}").text
    assert some_approved.admin.post(f"{door}/versions/{waiting.id}/cancel").status_code == DOORS[door]
    do_jobs(session)
    page = some_approved.admin.get(f"/datasets/{made.id}").text
    assert "Cancelled. Nothing was published" in page
    assert "Cancel</button>" not in page
    assert some_approved.admin.post(f"/versions/{waiting.id}/try-again").status_code == 303
    do_jobs(session)
    assert (newest(session, some_approved).id, newest(session, some_approved).status) == (waiting.id, "published")


def test_what_is_published_can_no_longer_be_cancelled(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    do_jobs(session)
    late = some_approved.admin.post(f"/api/v1/versions/{newest(session, some_approved).id}/cancel")
    assert (late.status_code, late.json()["type"]) == (409, "/errors/datasets.not_at_work")
    assert newest(session, some_approved).status == "published"


def test_a_reviewer_sees_no_button_and_cancels_nothing(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    waiting = newest(session, some_approved)
    assert "Cancel</button>" not in some_approved.reviewer.get(f"/datasets/{made.id}").text
    assert some_approved.reviewer.post(f"/versions/{waiting.id}/cancel").status_code == 403
    assert newest(session, some_approved).status == "queued"
