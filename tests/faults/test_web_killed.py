"""The site is killed at random while twenty people write: what was acknowledged is there, once and whole."""

import os
import random
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from tests.browser.site import free_port
from tests.faults.crowd import Crowd, chance
from tests.faults.web_process import WebProcess
from tests.rounds import rounds

ROUNDS = rounds(50)
SEED = int(os.environ.get("PENSET_TEST_SEED", random.randrange(1 << 32)))


def test_whatever_was_acknowledged_is_there_after_every_kill(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:  # R1
    draw, port = chance(SEED), free_port()
    crowd = Crowd(own_sessions, f"http://127.0.0.1:{port}")
    site = WebProcess(port, tmp_path, own_database).listen()
    try:
        crowd.start()
        for _ in range(ROUNDS):
            crowd.go_on(draw.randint(5, 120))
            site.kill()
            site = WebProcess(port, tmp_path, own_database).listen()
        crowd.go_on(60)
        crowd.leave()
        assert site.stop() == 0
    finally:
        crowd.leave()
        site.kill()
    assert crowd.memory.handed_in
    crowd.check()
