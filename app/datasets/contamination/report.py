"""Comparing the rows of a version with its project's benchmarks, and what comes of it: a report, rows left out."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.by_number import Many
from app.core.storage import NotStored, Storage
from app.datasets.contamination.benchmarks import key_of
from app.datasets.contamination.overlap import (
    CONTAMINATED,
    LETTERS_OF_A_WORD,
    LONG,
    SHORT,
    Compared,
    Words,
    compare,
    words,
)
from app.datasets.models import Benchmark
from app.datasets.publish.facts import AnyRow, Spool
from app.datasets.publish.progress import Tell, counted, quiet

METHOD = (
    f"runs of {LONG} words in common (Brown et al. 2020, arXiv 2005.14165, appendix C), and the share of an item's "
    f"runs of {SHORT} words that a row holds, reported from {CONTAMINATED} % on (Chowdhery et al. 2022, arXiv "
    "2204.02311, section 8); words in lower case without accents and punctuation; of Chinese and Japanese each "
    f"character is a word, of Thai, Lao, Khmer and Burmese {LETTERS_OF_A_WORD} letters, each with its marks, are as "
    "long as one; shorter items are not compared"
)


class BenchmarkLost(Exception):
    """A benchmark's file does not lie in storage as it was added. The message is the benchmark's name."""


@dataclass(frozen=True)
class Report:
    """What the comparison found: the file's content, its summary for the manifest, and the rows to leave out.

    `summary` names no benchmark where the project has none: then the version was compared with nothing. `keeps`:
    a byte for each row, 0 where it is to be left out.
    """

    summary: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    keeps: bytes = b""

    @property
    def content(self) -> bytes:
        """The bytes of contamination.json: sorted keys, UTF-8."""
        whole = {**self.summary, "rows": self.rows}
        return json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def check(
    spool: Spool,
    facts: Many[AnyRow],
    benchmarks: Sequence[Benchmark],
    storage: Storage,
    leave_out: int | None,
    tell: Tell = quiet,
) -> Report:
    """Hold every row against every benchmark. Rows with `leave_out` percent of an item and more are to be left out."""

    def rows() -> Iterator[tuple[int, Sequence[Words]]]:
        lines = counted(spool.lines(facts), tell, "Comparing with benchmarks: {done} of {of} rows", len(facts))
        for number, line in enumerate(lines):
            yield number, [words(turn["content"]) for turn in turns_of(json.loads(line))]

    found = [(one, compare(lines_of(storage, one), rows)) for one in benchmarks]
    matched = {number for _, compared in found for number in compared.matches}
    facts_of = {number: fact for number, fact in enumerate(facts) if number in matched} if matched else {}
    listed, keeps = [], bytearray(b"\1" * len(facts))
    for benchmark, compared in found:
        for number, most in sorted(compared.matches.items()):
            goes = leave_out is not None and most.percent >= leave_out
            if goes:
                keeps[number] = False
            if match := most if goes else compared.reported.get(number):
                listed.append(
                    {
                        "id": row_id(spool, facts_of[number]), "benchmark": benchmark.name, "line": match.line,
                        "percent": match.percent, "long_runs": match.long_runs, "passage": match.passage,
                        "left_out": goes,
                    }
                )  # fmt: skip
    return Report(summary_of(found, listed, leave_out, keeps.count(0)), listed, bytes(keeps))


def summary_of(
    found: Sequence[tuple[Benchmark, Compared]], listed: Sequence[Mapping[str, Any]], leave_out: int | None, left: int
) -> dict[str, Any]:
    """The report without its rows."""
    return {
        "method": METHOD,
        "leave_out_percent": leave_out,
        "left_out": left,
        "benchmarks": [
            {
                "name": one.name, "licence": one.licence, "sha256": one.sha256, "bytes": one.bytes,
                "items": compared.items, "too_short": compared.too_short,
                "rows": sum(row["benchmark"] == one.name for row in listed),
            }
            for one, compared in found
        ],
    }  # fmt: skip


def turns_of(row: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """All that is said in a row of any kind."""
    for key in ("messages", "prompt", "chosen", "rejected"):
        yield from row.get(key, ())


def row_id(spool: Spool, fact: AnyRow) -> str:
    """The id that the row has in its file."""
    return str(json.loads(next(spool.lines([fact])))["id"])


def lines_of(storage: Storage, benchmark: Benchmark) -> Iterator[bytes]:
    """The lines of a benchmark's file, read in pieces. BenchmarkLost where it is not the one that was added."""
    rest, digest = b"", hashlib.sha256()
    try:
        for chunk in storage.open(key_of(benchmark.project_id, benchmark.sha256)):
            digest.update(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
    except NotStored:
        raise BenchmarkLost(benchmark.name) from None
    if digest.hexdigest() != benchmark.sha256:
        raise BenchmarkLost(benchmark.name)
    yield rest
