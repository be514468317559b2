"""What lists and filters cost, and whether it grows: the first page and a page far back, against an empty route.

Run: .venv/bin/python -m benchmarks.lists [prompts …]
"""

from collections.abc import Callable
from functools import partial

import httpx2 as httpx

from app.accounts.models import Role
from benchmarks.measure import rounds, show
from benchmarks.site import Site, at_sizes

PAGES_BACK = 9


def measured(here: Site, times: int = 60) -> dict[str, list[float]]:
    """Milliseconds of each list."""
    with here.people(1, Role.ADMIN) as (admin,):
        prompts = f"/api/v1/projects/{here.project_id}/prompts"
        actions: dict[str, Callable[[], object]] = {
            "prompts, newest": partial(read, admin, prompts),
            "prompts, ten pages back": partial(read, admin, far_back(admin, prompts)),
            "prompts with rare words": partial(read, admin, f"{prompts}?words=ocean+starch"),
            "prompts with a common word": partial(read, admin, f"{prompts}?words=the"),
            "submissions, newest": partial(read, admin, "/api/v1/submissions"),
            "prompts page": partial(read, admin, f"/projects/{here.project_id}/prompts"),
            "review page": partial(read, admin, f"/projects/{here.project_id}/review"),
            "overview page": partial(read, admin, f"/projects/{here.project_id}"),
            "empty route": partial(read, admin, "/health/live"),
        }
        return rounds(actions, times=times)


def read(client: httpx.Client, address: str) -> None:
    """Ask for it; it must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text


def far_back(client: httpx.Client, address: str) -> str:
    """The address of a page to which its reader has gone on page by page."""
    cursor = None
    for _ in range(PAGES_BACK):
        cursor = client.get(address, params={"cursor": cursor} if cursor else {}).json()["next_cursor"]
    return f"{address}?cursor={cursor}"


def main() -> None:
    """Measure at the sizes that are asked for, else at a thousand and at a hundred thousand prompts."""
    results = at_sizes(measured)
    show("Lists", results, yardstick="empty route")


if __name__ == "__main__":
    main()
