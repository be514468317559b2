"""Hostile text through the JSON door: kept byte for byte or refused with the place, and never a 500."""

import json
from collections.abc import Iterator
from typing import Any

from tests.cast import Cast
from tests.hostile import Hostile, rows

JSON = {"content-type": "application/json"}


def door(cast: Cast) -> str:
    """Where prompts are proposed."""
    return f"/api/v1/projects/{cast.project.id}/prompts"


def listed(cast: Cast) -> Iterator[dict[str, Any]]:
    """Every prompt of the project, page by page, the newest first."""
    address = f"{door(cast)}?limit=100"
    cursor = ""
    while True:
        page = cast.reviewer.get(address + cursor).json()
        yield from page["prompts"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def misjudged(cast: Cast, row: Hostile, body: bytes) -> str:
    """What is wrong with the answer to one hostile body; nothing if it is as the row says."""
    answer = cast.author.post(door(cast), content=body, headers=JSON)
    wanted = 201 if row.stored else row.status
    if answer.status_code != wanted:
        return f"{row.id}: {answer.status_code} instead of {wanted}: {answer.text[:200]}"
    if not row.stored and answer.headers["content-type"] != "application/problem+json":
        return f"{row.id}: no problem document"
    if row.status == 422 and not answer.json().get("errors"):
        return f"{row.id}: no place is named"
    return ""


def for_a_prompt(row: Hostile) -> bytes:
    """The body with our name for its text, and as long as it was where it has white space to spare."""
    body = row.raw.replace(b'"text":', b'"prompt":')
    return body.replace(b"  ", b"", 1) if len(body) > len(row.raw) and b"    " in body else body


def test_every_text_comes_back_byte_for_byte_or_is_refused_with_its_place(cast: Cast) -> None:
    # I1 I3 I4 I5 I8 I9 I10 I11 I12 I19 S68
    texts = rows("text", "markdown")
    kept = [row for row in texts if row.stored]
    faults = [fault for row in texts if (fault := misjudged(cast, row, json.dumps({"prompt": row.text}).encode()))]
    assert faults == []
    found = [prompt["messages"][-1]["content"] for prompt in listed(cast)]
    assert [row.id for row, text in zip(kept, reversed(found), strict=True) if row.text != text] == []


def test_every_hostile_body_is_judged_as_its_row_says(cast: Cast) -> None:
    # I3 I4 I5 I6 I13 I14 I15 I16 I19 S49
    bodies = [row for row in rows("json") if b'"name"' not in row.raw and b'"count"' not in row.raw]
    faults = [fault for row in bodies if (fault := misjudged(cast, row, for_a_prompt(row)))]
    assert faults == []
    stored = [row for row in bodies if row.stored]
    assert len(list(listed(cast))) == len(stored)
