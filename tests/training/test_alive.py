"""While a trainer does one thing for long, it goes on saying that it lives."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.training.alive import beating
from app.training.jobs import say_alive
from app.training.models import RunStatus
from tests.cast import Cast
from tests.training.made import began


def test_a_run_is_heard_of_during_one_long_thing(
    cast: Cast, queued: int, session: Session, sessions: sessionmaker[Session]
) -> None:
    run = began(session, queued)
    run.heartbeat_at, run.status = datetime.now(UTC) - timedelta(minutes=5), RunStatus.QUEUED
    session.commit()
    told = threading.Event()
    event.listen(sessions, "after_commit", lambda _: told.set())
    with beating(lambda: say_alive(queued), every=0.001):
        assert told.wait(60)
    session.refresh(run)
    assert run.heartbeat_at > datetime.now(UTC) - timedelta(minutes=2)
    assert run.status is RunStatus.RUNNING


def test_a_beat_that_fails_is_not_the_last_and_none_comes_after_the_end() -> None:
    beats: list[int] = []
    again = threading.Event()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 1:
            raise OperationalError("the database is away", None, Exception())
        again.set()

    with beating(beat, every=0.001):
        assert again.wait(60)
    assert not [thread for thread in threading.enumerate() if "go_on" in thread.name]
