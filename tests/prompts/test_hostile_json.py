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


def turns(kept: list[Hostile]) -> Iterator[list[dict[str, str]]]:
    """Texts as turns of few conversations; a large one is a prompt by itself."""
    while kept:
        many = 11 if len(kept[min(10, len(kept) - 1)].text) < 2000 and len(kept) > 10 else 1
        some, kept = kept[:many], kept[many:]
        yield [{"role": ("user", "assistant")[at % 2], "content": row.text} for at, row in enumerate(some)]


def for_a_prompt(row: Hostile) -> bytes:
    """The body with our name for its text, and as long as it was where it has white space to spare."""
    body = row.raw.replace(b'"text":', b'"prompt":')
    return body.replace(b"  ", b"", 1) if len(body) > len(row.raw) and b"    " in body else body


def test_every_text_comes_back_byte_for_byte_or_is_refused_with_its_place(cast: Cast) -> None:
    # I1 I3 I4 I5 I8 I9 I10 I11 I12 I19 S68
    texts = rows("text", "markdown")
    kept = sorted((row for row in texts if row.stored), key=lambda row: len(row.text))
    for some in turns(kept):
        answer = cast.author.api("POST", door(cast), messages=some)
        assert answer.status_code == 201, answer.text[:300]
    refused = [row for row in texts if not row.stored]
    faults = [fault for row in refused if (fault := misjudged(cast, row, json.dumps({"prompt": row.text}).encode()))]
    assert faults == []
    found = [turn["content"] for prompt in reversed(list(listed(cast))) for turn in prompt["messages"]]
    assert [row.id for row, text in zip(kept, found, strict=True) if row.text != text] == []


def test_every_hostile_body_is_judged_as_its_row_says(cast: Cast) -> None:
    # I3 I4 I5 I6 I13 I14 I15 I16 I19 S49
    bodies = [row for row in rows("json") if b'"name"' not in row.raw and b'"count"' not in row.raw]
    faults = [fault for row in bodies if (fault := misjudged(cast, row, for_a_prompt(row)))]
    assert faults == []
    stored = [row for row in bodies if row.stored]
    assert len(list(listed(cast))) == len(stored)
