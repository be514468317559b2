"""Every page of a list of the API, one after another."""

from typing import Any

from tests.cast import Client


def every_row(client: Client, address: str, rows: str) -> list[dict[str, Any]]:
    """All rows of a list that comes in pages; no page is larger than the first."""
    found: list[dict[str, Any]] = []
    cursor, size = "", 0
    while True:
        mark = "&" if "?" in address else "?"
        answer = client.get(f"{address}{mark}cursor={cursor}" if cursor else address)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        size = size or len(page[rows])
        assert len(page[rows]) <= size
        found += page[rows]
        cursor = page["next_cursor"]
        if not cursor:
            return found
