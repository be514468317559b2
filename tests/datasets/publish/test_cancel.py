"""An administrator cancels what is being published, on the page or by the API."""

from functools import partial

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.publish import progress
from app.datasets.publish.gather import gather
from app.datasets.publish.publishing import NoLongerWanted, begin, make
from tests.cast import Cast
from tests.datasets.contamination.test_benchmarks import add as add_benchmark
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


STEPS = ("Comparing with benchmarks: 20 of 20", "Reading what prompts ask: 20 of 20", "Comparing prompts: 19 of 20")


def test_cancel_is_heard_while_texts_are_compared(
    some_approved: Cast, session: Session, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0)  # told at each step, not once a second
    assert add_benchmark(some_approved).status_code == 201
    some_approved.admin.post(f"/datasets/{dataset(some_approved, session).id}/publish")
    work = begin(session, newest(session, some_approved).id)
    assert work
    gathered = gather(session, work.version)

    def cancelled_at(step: str, words: str) -> None:
        if words.startswith(step):
            raise NoLongerWanted(words)

    for step in STEPS:
        with pytest.raises(NoLongerWanted, match=step):
            make(work, gathered, storage, partial(cancelled_at, step))
    gathered.spool.close()


def test_what_is_published_can_no_longer_be_cancelled(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    do_jobs(session)
    late = some_approved.admin.post(f"/api/v1/versions/{newest(session, some_approved).id}/cancel")
    assert (late.status_code, late.json()["type"]) == (409, "/errors/datasets.not_at_work")
    assert newest(session, some_approved).status == "published"


def test_what_is_asked_for_again_with_its_key_is_done_once_and_answered_alike(
    some_approved: Cast, session: Session
) -> None:
    some_approved.admin.post(f"/datasets/{dataset(some_approved, session).id}/publish")
    address = f"/api/v1/versions/{newest(session, some_approved).id}"
    for verb, done in (("cancel", 200), ("try-again", 202)):
        key = {"Idempotency-Key": verb}
        first, again = (some_approved.admin.post(f"{address}/{verb}", headers=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (done, done)
        assert first.json() == again.json()
        assert some_approved.admin.post(f"{address}/{verb}").status_code == 409
    assert newest(session, some_approved).status == "queued"


def test_a_reviewer_sees_no_button_and_cancels_nothing(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    some_approved.admin.post(f"/datasets/{made.id}/publish")
    waiting = newest(session, some_approved)
    assert "Cancel</button>" not in some_approved.reviewer.get(f"/datasets/{made.id}").text
    assert some_approved.reviewer.post(f"/versions/{waiting.id}/cancel").status_code == 403
    assert newest(session, some_approved).status == "queued"
