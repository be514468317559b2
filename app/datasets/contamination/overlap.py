"""Does a row repeat what a benchmark asks? By runs of words, after the papers of GPT-3 and PaLM. Pure.

13 words in a row, in lower case and without punctuation: Brown et al., "Language Models are Few-Shot Learners", 2020,
arXiv 2005.14165, appendix C, "Initial training set filtering". The share of an item's runs of 8: Chowdhery et al.,
"PaLM", 2022, arXiv 2204.02311, section 8, "Dataset Contamination", which calls an item contaminated from 70 % on; there
the runs may stand anywhere in the training data, here one row has to hold them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.core.invisible import UNSEEN
from app.core.near import comparable

LONG, SHORT = 13, 8
CONTAMINATED = 70  # percent of an item's runs of 8 words
BLOCK = 500_000  # runs of words of a benchmark that are in memory at once, however large it is
KEPT = 4  # items of which the runs are kept from one row to the next: of a whole book they take a second
PASSAGE_WORDS = 60
# Scripts that put no space between words. Of Chinese and Japanese a character stands for a word; of Thai, Lao, Khmer
# and Burmese a letter with its marks (vowels, tones, what stands below) stands for a third of one.
IDEOGRAPHS = r"\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
SCRIPTS = IDEOGRAPHS + r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
THAI_LAO = r"[\u0e00-\u0eff][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece]*"
BURMESE = r"[\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff][\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1082-\u108d\uaa7b]*"
KHMER = r"[\u1780-\u17ff](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*"
LETTER = re.compile(f"{THAI_LAO}|{BURMESE}|{KHMER}")
UNSPACED = re.compile(f"[{IDEOGRAPHS}]|{LETTER.pattern}")
BETWEEN = re.compile(f"(?<=[{SCRIPTS}]) (?=[{SCRIPTS}])")
LETTERS_OF_A_WORD = 3
Words = tuple[str, ...]


class WithLetters(Words):
    """Words of a text of which some are letters of a script that puts no space between words: parts of words."""


Rows = Callable[[], Iterator[tuple[int, Sequence[Words]]]]  # all rows, numbered, as often as they are asked for


@dataclass(frozen=True)
class Item:
    """One item of a benchmark: the line on which it stands, from 1, and the words of each of its texts."""

    line: int
    texts: Sequence[Words]

    def runs(self, length: int) -> frozenset[Words]:
        """Its runs of so many words."""
        return frozenset(run for text in self.texts for run in runs(text, length))


@dataclass(frozen=True)
class Match:
    """What a row shares with an item: percent of its runs of 8, how many runs of 13, and where.

    `passage` are the words of the longest stretch that both have, as they are compared, 60 at most.
    """

    line: int
    percent: int
    long_runs: int
    passage: str

    @property
    def is_reported(self) -> bool:
        """Whether either paper would call it contaminated."""
        return self.long_runs > 0 or self.percent >= CONTAMINATED


@dataclass
class Compared:
    """A benchmark after every row went past it: its items, those too short to compare, and matches by row.

    `matches`: with the item of which a row holds the largest share. `reported`: with the item of which it does among
    those that a paper would call repeated; a long item may be copied in part, where a row holds more of a short one.
    """

    items: int = 0
    too_short: int = 0
    matches: dict[int, Match] = field(default_factory=dict)
    reported: dict[int, Match] = field(default_factory=dict)


def compare(lines: Iterable[bytes], rows: Rows, *, block_runs: int = BLOCK) -> Compared:
    """Hold rows against a benchmark, JSON lines or plain text, a block of its items at a time: memory stays flat."""
    compared = Compared()
    for block in blocks(lines, compared, block_runs):
        index: dict[int, list[int]] = defaultdict(list)
        for at, item in enumerate(block):
            for run in item.runs(SHORT):
                index[hash(run)].append(at)
        held = runs_held(block)
        for number, texts in rows():
            met = {at for text in texts for run in runs(text, SHORT) for at in index.get(hash(run), ())}
            for at in sorted(met):
                found = match(block[at].line, *held(at), texts)
                keep_best(compared.matches, number, found)
                if found.is_reported:
                    keep_best(compared.reported, number, found)
    return compared


def blocks(lines: Iterable[bytes], compared: Compared, most: int) -> Iterator[list[Item]]:
    """The items that are long enough, as many at once as fit into memory; counted as they pass."""
    block: list[Item] = []
    held = 0
    for line, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        item = Item(line, [words(text) for text in texts_of(raw)])
        size = len(item.runs(SHORT))
        compared.items += 1
        compared.too_short += not size
        if size:
            block.append(item)
            held += size
        if held >= most:
            yield block
            block, held = [], 0
    if block:
        yield block


def texts_of(raw: bytes) -> list[str]:
    """Every text of a line of JSON, whatever its keys are; the line itself where it is none, or is nested too deep."""
    line = raw.decode("utf-8-sig", "replace")  # a file may begin with a mark of its encoding
    try:
        return list(strings(json.loads(line)))
    except (ValueError, RecursionError):
        return [line]


def strings(value: Any) -> Iterator[str]:
    """The texts in a JSON value, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def words(text: str) -> Words:
    """The words of a text, as they are compared. Where a script puts no space between them each character or letter
    stands by itself, else a whole sentence would be a word and its benchmarks too short to compare."""
    compared = comparable(text)
    if compared.isascii():
        return tuple(compared.split())
    compared = UNSEEN.sub("", compared)  # some write a zero-width space where a word ends, others do not
    kind = WithLetters if LETTER.search(compared) else tuple
    return kind(UNSPACED.sub(r" \g<0> ", compared).split())


def runs(text: Words, length: int) -> Iterator[Words]:
    """Every so many words in a row."""
    return (text[at:end] for at, end in enumerate(ends(text, length)))


def ends(text: Words, length: int) -> Iterable[int]:
    """Where the run of so many words ends that begins at each place: three letters are as long as one word. Where a run
    begins decides by itself what it holds, so that two texts have the same ones wherever they say the same."""
    return letter_ends(text, length) if isinstance(text, WithLetters) else range(length, len(text) + 1)


def letter_ends(text: WithLetters, length: int) -> Iterator[int]:
    """The same where some of the words are letters."""
    sizes = [1 if LETTER.match(one) else LETTERS_OF_A_WORD for one in text]
    end = held = 0
    for size in sizes:
        while held < length * LETTERS_OF_A_WORD:
            if end == len(text):
                return
            held += sizes[end]
            end += 1
        yield end
        held -= size


def runs_held(block: Sequence[Item]) -> Callable[[int], tuple[frozenset[Words], frozenset[Words]]]:
    """By its place in the block, an item's runs of 8 and of 13 words."""

    @lru_cache(KEPT)
    def held(at: int) -> tuple[frozenset[Words], frozenset[Words]]:
        return block[at].runs(SHORT), block[at].runs(LONG)

    return held


def match(line: int, short: frozenset[Words], long: frozenset[Words], texts: Sequence[Words]) -> Match:
    """What a row shares with the item of a line, by its runs, exactly: the hash only said where to look."""
    shared = {run for text in texts for run in runs(text, SHORT)} & short
    long_runs = len({run for text in texts for run in runs(text, LONG)} & long)
    passage = max((stretch for text in texts for stretch in stretches(text, short)), key=len, default=())
    return Match(line, 100 * len(shared) // len(short), long_runs, as_text(passage))


def as_text(passage: Words) -> str:
    """The beginning of a passage as it is read: what has no spaces in its script gets none."""
    most = PASSAGE_WORDS * (LETTERS_OF_A_WORD if any(map(LETTER.match, passage)) else 1)
    return BETWEEN.sub("", " ".join(passage[:most]))


def stretches(text: Words, short: frozenset[Words]) -> Iterator[Words]:
    """The longest stretches of a text all of whose runs of 8 words are an item's."""
    start: int | None = None
    last = 0
    for at, end in enumerate(ends(text, SHORT)):
        if text[at:end] in short:
            start, last = at if start is None else start, end
        elif start is not None:
            yield text[start:last]
            start = None
    if start is not None:
        yield text[start:last]


def keep_best(matches: dict[int, Match], number: int, found: Match) -> None:
    """Keep the match of a row by which it repeats most; of equals the one that stands first.

    What it repeats of a very long item is less than a percent of it, and may be a passage of 13 words all the same.
    """
    before = matches.get(number)
    repeats = (found.percent, found.long_runs)
    if repeats > ((0, 0) if before is None else (before.percent, before.long_runs)):
        matches[number] = found
