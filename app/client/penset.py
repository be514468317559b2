"""A Penset site as a Python object whose methods are the verbs of its API."""

from typing import Any, Self

from app.client import login
from app.client.collect import Collecting
from app.client.prepare import Preparing
from app.client.publish import Publishing
from app.client.server import Server
from app.client.shapes import Bearer
from app.client.train import Training


class Penset(Collecting, Preparing, Publishing, Training):
    """One site and who asks. A refusal is raised as `Problem`; answers are dictionaries as the API gives them.

    What is not said comes from PENSET_URL and PENSET_TOKEN, or from what `penset login` kept. Reading is tried again
    when no answer comes, and so is what carries an Idempotency-Key; nothing else is sent twice.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, insecure: bool = False) -> None:
        found = login.find(url, token, insecure=insecure)
        self.server = Server(found.url, found.token, insecure=insecure)

    @classmethod
    def sign_in(cls, url: str, email: str, password: str, *, insecure: bool = False) -> Self:
        """Ask as a person, with a session of their own: for writing and deciding, which no token may do."""
        site = cls.__new__(cls)
        site.server = Server(url, insecure=insecure)
        site.server.send(dict[str, Any], "POST", "/session", {"email": email, "password": password})
        return site

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def token(self) -> Bearer:
        """Who the token belongs to and what it may do."""
        return self.server.get(Bearer, "/token")
