"""Is this process's service well? `python -m app.core.health web|worker`, for a container's health check."""

import http.client
import sys
from urllib.parse import urlsplit

import psycopg

from app.core.settings import Settings, load_settings
from app.core.worker import connection_info

PORT = 8000
SECONDS = 5
FRESH = """
select exists (select from procrastinate_workers where last_heartbeat > now() - interval '1 minute')
"""


def main(arguments: list[str]) -> str:
    """Why the service is not well; empty when it is."""
    match arguments:
        case ["web"]:
            return of_web(load_settings())
        case ["worker"]:
            return of_worker(load_settings())
    return "Say which service: web or worker."


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


def of_worker(settings: Settings) -> str:
    """Whether the database is in reach and a worker has told it within a minute that it lives."""
    if settings.database_url is None:
        return "PENSET_DATABASE_URL is not set."
    try:
        with psycopg.connect(
            connection_info(settings.database_url.get_secret_value()), connect_timeout=SECONDS
        ) as connection:
            row = connection.execute(FRESH).fetchone()
    except psycopg.Error as error:
        return f"The database does not answer: {type(error).__name__}"
    return "" if row and row[0] else "No worker has reported within a minute."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)
