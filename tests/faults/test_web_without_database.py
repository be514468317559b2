"""PostgreSQL is killed under the site while twenty people write: they are told to wait, and nothing is lost."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.migrate import upgrade
from app.core.settings import Settings
from tests.browser.site import free_port
from tests.faults.crowd import Crowd
from tests.faults.web_process import WebProcess
from tests.postgres_holders import postmaster


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose database lies where the server's own user can reach it."""
    yield tmp_path
    shutil.rmtree(Settings(data=tmp_path).database_folder, ignore_errors=True)


def test_while_the_database_is_away_people_are_told_to_wait_and_the_pool_heals(data: Path) -> None:  # R4
    settings, port = Settings(data=data), free_port()
    with running(settings.database_folder) as url:
        upgrade(url)
        engine = make_engine(url, settings)
        crowd = Crowd(make_sessions(engine), f"http://127.0.0.1:{port}")
        site = WebProcess(port, data).listen()
        try:
            crowd.start()
            for blow in (signal.SIGQUIT, signal.SIGKILL):  # "immediate", then without a word
                crowd.go_on(100)
                told = crowd.memory.statuses[503]
                killed = postmaster(settings.database_folder)
                killed.send_signal(blow)
                psutil.wait_procs([killed], timeout=20)
                crowd.wait(lambda told=told: crowd.memory.statuses[503] > told, "answer that says to wait")  # type: ignore[misc]
                with running(settings.database_folder):
                    crowd.go_on(100)
            crowd.leave()
            assert site.process.poll() is None, "the site fell with its database"
            assert site.stop() == 0
        finally:
            crowd.leave()
            site.kill()
        assert set(crowd.memory.hints) == {"1"}
        assert set(crowd.memory.statuses) <= {200, 201, 409, 503}
        crowd.check()
        engine.dispose()
