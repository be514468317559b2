"""Is the service of this container well? `python -m app.core.health web`, or `worker QUEUE`, for its health check."""

import http.client
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import psycopg

from app.core.at_work import HEARD, name_of
from app.core.settings import Settings, load_settings
from app.core.worker import connection_info

PORT = 8000
SECONDS = 5
FRESH = f"SELECT EXISTS (SELECT FROM procrastinate_workers WHERE {HEARD} AND named = %s)"  # noqa: S608 - our own words


def main(arguments: list[str]) -> str:
    """Why the service is not well; empty when it is."""
    match arguments:
        case ["web"]:
            return of_web(load_settings())
        case ["worker", *queues]:
            return of_worker(load_settings(), queues)
    return "Say which service: web, or worker and its queue."


def of_web(settings: Settings, *, port: int = PORT) -> str:
    """Whether the site answers here, asked under its public name, which is the only one that it answers to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health/ready", headers={"Host": urlsplit(settings.public_url).netloc})
        status = connection.getresponse().status
    except OSError as error:
        return f"The site does not answer: {error}"
    finally:
        connection.close()
    return "" if status < 400 else f"The site answers {status}."


def of_worker(settings: Settings, queues: Sequence[str]) -> str:
    """Whether the database is in reach and the worker of these queues, on this host, has told it within a minute that
    it lives."""
    if settings.database_url is None:
        return "PENSET_DATABASE_URL is not set."
    try:
        with psycopg.connect(
            connection_info(settings.database_url.get_secret_value()), connect_timeout=SECONDS
        ) as connection:
            row = connection.execute(FRESH, [name_of(queues)]).fetchone()
    except psycopg.Error as error:
        return f"The database does not answer: {type(error).__name__}"
    return "" if row and row[0] else f"No worker has reported within a minute as {name_of(queues)}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)
