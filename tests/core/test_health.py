"""A container's health check says well only where the service does its work."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.at_work import name_of
from app.core.health import of_web, of_worker
from app.core.settings import Settings
from app.core.worker import connection_info


@pytest.fixture
def port(app: FastAPI) -> Iterator[int]:
    """Where the site really listens, in a thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield int(listening.getsockname()[1])
        server.should_exit = True
        thread.join()


def with_database(settings: Settings, url: str) -> Settings:
    """The settings of a worker on this database."""
    return settings.model_copy(update={"database_url": SecretStr(url)})


def beat(url: str, ago: str, *queues: str) -> None:
    """The heartbeat of a worker of these queues, or of all, this long ago."""
    with psycopg.connect(connection_info(url), application_name=name_of(queues)) as connection:
        connection.execute("insert into procrastinate_workers (last_heartbeat) values (now() - %s::interval)", [ago])


def test_a_site_that_answers_under_its_name_is_well(settings: Settings, port: int) -> None:
    assert of_web(settings, port=port) == ""


def test_a_site_that_does_not_answer_is_not_well(settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "does not answer" in of_web(settings, port=free.getsockname()[1])


def test_a_site_that_refuses_our_name_is_not_well(settings: Settings, port: int) -> None:
    elsewhere = settings.model_copy(update={"public_url": "https://elsewhere.example"})
    assert of_web(elsewhere, port=port) == "The site answers 400."


def test_a_worker_is_well_while_its_heart_beats(settings: Settings, own_database: str) -> None:
    here, silent = with_database(settings, own_database), f"No worker has reported within a minute as {name_of([])}."
    assert of_worker(here, []) == silent
    beat(own_database, "2 minutes")
    assert of_worker(here, []) == silent
    beat(own_database, "20 seconds")
    assert of_worker(here, []) == ""


def test_a_trainer_that_is_dead_is_not_well_while_another_worker_lives(settings: Settings, own_database: str) -> None:
    here = with_database(settings, own_database)
    beat(own_database, "20 seconds", "default")
    assert of_worker(here, ["default"]) == ""
    assert "No worker has reported within a minute as penset training@" in of_worker(here, ["training"])


def test_a_database_out_of_reach_is_told_without_its_password(settings: Settings) -> None:
    away = with_database(settings, "postgresql://penset:hush-hush@127.0.0.1:9/penset")
    assert of_worker(away, []) == "The database does not answer: OperationalError"


def test_the_command_ends_with_the_reason_and_a_status() -> None:
    command = [sys.executable, "-m", "app.core.health", "nothing"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (1, "Say which service: web, or worker and its queue.\n")
