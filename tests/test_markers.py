"""What people write, and what opens doors for them, stands in no line of the log and in no entry of the audit log."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, text

from tests.cast import Cast, Client
from tests.knocking import Door, every_door, knock
from tests.test_routes import PEOPLE, table
from tests.world import Undone, World

MARK = "xylophone"
# Fields in which people write what they like; the others take one of a list, a number or a name that must exist.
FREE = {
    "body", "chosen", "content", "description", "name", "note", "prompt", "reason", "rejected", "response",
    "rubric_description", "rubric_name", "source", "tags", "text", "licence",
}  # fmt: skip
# There the reason is one of a list.
WITH_REASONS = ("prompts.report", "api.prompts.report", "writing.report", "api.writing.report")
PASSWORDS = ("accounts.join", "accounts.new_password", "accounts.change_password")
AUDITED = "SELECT to_jsonb(a)::text FROM audit_log a WHERE id > :before"
NEWEST = "SELECT coalesce(max(id), 0) FROM audit_log"


class Markers:
    """Words that stand nowhere else: one for each field of each door, with where it was put."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}
        self._numbers = count()

    def one(self, where: str) -> str:
        """A new marker."""
        word = f"{MARK}{next(self._numbers)}"
        self.planted[f"{word}."] = where
        return f"{word}."

    def in_place_of(self, value: Any, where: str, only: set[str] | None, field: str = "") -> Any:
        """The same body with a marker for each text in it; with `only`, for the texts of these fields."""
        if isinstance(value, dict):
            return {key: self.in_place_of(one, f"{where} {key}", only, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.in_place_of(one, where, only, field) for one in value]
        if field == "email":
            return f"{self.one(where)}x@example.org" if only is None else value
        if isinstance(value, str) and (only is None or field in only):
            return self.one(where)
        return value


def bodies(markers: Markers, door: Door, client: Client) -> Iterator[dict[str, Any]]:
    """What the door takes, with markers in its free fields; then what it refuses, with a marker in every field."""
    free = FREE - {"reason"} if str(door.route.name) in WITH_REASONS else FREE
    for only in (free, None):
        body = door.body(client)
        for kind in ("json", "data", "params"):
            if kind in body:
                body[kind] = markers.in_place_of(body[kind], door.name, only)
        if "files" in body:
            body["files"] = {"file": (f"{markers.one(door.name)}.jsonl", line(markers, door))}
        if "content" in body:
            body["content"] = line(markers, door)
        if only is None:
            word = markers.one(f"{door.name} headers")
            body["headers"] = body.get("headers", {}) | {"Idempotency-Key": word, "User-Agent": word, "Referer": word}
            if "params" not in body:
                body["params"] = {"q": markers.one(f"{door.name} query")}
        yield body


def line(markers: Markers, door: Door) -> bytes:
    """A line of a file of prompts or of pairs, finished or compared."""
    texts = {key: markers.one(f"{door.name} file") for key in ("prompt", "response", "source")}
    if door.route.name in ("preferences.make", "api.preferences.import_pairs"):
        texts |= {"chosen": texts.pop("response"), "rejected": markers.one(f"{door.name} file")}
    return json.dumps(texts | {"licence": "MIT"}).encode() + b"\n"


def test_what_people_write_stands_in_no_line_of_a_log(
    cast: Cast, app: FastAPI, world: World, undone: Undone, connection: Connection, capfd: pytest.CaptureFixture[str]
) -> None:  # S96
    markers, wrong = Markers(), []
    audited: list[str] = []
    cookies = [cast.author.cookies, cast.reviewer.cookies, cast.admin.cookies, cast.operator.cookies]
    secrets = [secret for cookie in cookies for secret in dict(cookie).values()]
    for door in every_door(app):
        expected = table()[door.name]
        who = next((one for one in PEOPLE[1:] if expected[one] < "400"), "admin")
        browser = getattr(cast, who)
        for refused, body in enumerate(bodies(markers, door, browser)):
            before = connection.scalar(text(NEWEST))
            with undone(browser):
                answer = knock(browser, door, world.p, **body)
                audited += connection.scalars(text(AUDITED), {"before": before}).all()
            if not refused and str(answer.status_code) != expected[who]:
                wrong.append(f"{door.name}: {who} got {answer.status_code}, not {expected[who]}")
    assert wrong == []  # what has markers in its free fields is taken as what has none
    said = capfd.readouterr()
    logged = said.out + said.err
    for sink in (logged, "\n".join(audited)):
        assert [where for word, where in markers.planted.items() if word in sink] == []
        assert MARK not in sink
        assert "@example.org" not in sink
        assert [secret for secret in secrets if secret in sink] == []
