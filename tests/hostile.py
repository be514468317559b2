"""Hostile input, row by row, with the verdict that each must get (tests/data/hostile.jsonl)."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("data") / "hostile.jsonl"
STORED = "stored_byte_exact"


@dataclass(frozen=True)
class Hostile:
    """One row. `payload` is text, or bytes where the row is a whole body, file or query."""

    id: str
    field: str
    kind: str
    verdict: str
    payload: str | bytes

    @property
    def stored(self) -> bool:
        """Whether the payload is to be kept byte for byte."""
        return self.verdict == STORED

    @property
    def status(self) -> int:
        """The status of the refusal; 200 where nothing is refused."""
        return 200 if self.stored else int(self.verdict.removeprefix("refused_"))

    @property
    def text(self) -> str:
        """The payload of a row that is text."""
        assert isinstance(self.payload, str)
        return self.payload

    @property
    def raw(self) -> bytes:
        """The payload as it travels; lone surrogates as three bytes."""
        return self.payload if isinstance(self.payload, bytes) else self.payload.encode("utf-8", "surrogatepass")


@cache
def load() -> tuple[Hostile, ...]:
    """Every row. Cut at line feeds only: splitlines() would also cut at U+2028 and its like."""
    return tuple(_row(json.loads(line)) for line in FILE.read_bytes().decode("ascii").split("\n") if line)


def rows(*fields: str, stored: bool | None = None, kind: str | None = None) -> list[Hostile]:
    """The rows of some fields: text, markdown, name, query, json, import, header."""
    return [
        row
        for row in load()
        if row.field in fields and (stored is None or row.stored is stored) and (kind is None or row.kind == kind)
    ]


def of_each_kind(found: Iterable[Hostile], most: int = 2) -> list[Hostile]:
    """The first few of each kind and verdict: for doors that judge as one does through which all of them went."""
    seen: Counter[tuple[str, str]] = Counter()
    few = []
    for row in found:
        seen[row.kind, row.verdict] += 1
        if seen[row.kind, row.verdict] <= most:
            few.append(row)
    return few


def sendable_as_utf8(row: Hostile) -> bool:
    """Whether the payload can be put into a form or an address at all: half a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in row.text)


def _row(row: dict[str, Any]) -> Hostile:
    return Hostile(row["id"], row["field"], row["class"], row["verdict"], _payload(row))


def _payload(row: dict[str, Any]) -> str | bytes:
    if "bytes_hex" in row:
        return bytes.fromhex(row["bytes_hex"])
    if "value" in row:
        return str(row["value"])
    recipe = row["generate"]
    return str(recipe.get("prefix", "") + recipe["repeat"] * recipe["times"] + recipe.get("suffix", ""))
