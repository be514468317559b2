"""Forms of the projects' pages, as a browser sends them."""

from typing import Any

import pytest

from tests.cast import Cast, Client


class Forms:
    """Sends a form as its page draws it: with the person for whom it was drawn."""

    def post(self, client: Client, path: str, **fields: Any) -> Any:
        """Fill in and send."""
        assert client.user
        return client.post(path, data={"user_id": client.user.id} | fields)


@pytest.fixture
def forms() -> Forms:
    """How forms are sent."""
    return Forms()


@pytest.fixture
def here(cast: Cast) -> str:
    """The project's address."""
    return f"/projects/{cast.project.id}"
