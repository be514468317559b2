"""What manifest.json says of a version: its files and what is in them. Nothing in it depends on machine or time."""

import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import accumulate, chain
from typing import Any

from app.core.by_number import Many, ascending
from app.core.near import SPLIT_ALIKE
from app.datasets.models import Part, Split
from app.datasets.publish.facts import AnyRow, Fact, R
from app.datasets.rule.rules import as_json, checked_rule, in_words
from app.datasets.splits.held_out import choice_of_writers
from app.datasets.splits.placing import Placing
from app.datasets.splits.settling import METHOD, parameters, settled_digest

NOBODY: Mapping[tuple[str, str], frozenset[int]] = {}
UNWRITTEN: Mapping[int, str] = {}
UNCOMPARED: Mapping[str, Any] = {"benchmarks": [], "left_out": 0}
FORMAT = "penset-sft-1"
NEAR_DUPLICATES = f"{SPLIT_ALIKE} % and more of what the prompts' words weigh in common, in pieces of three letters"


def describe_any(
    *,
    project: str,
    dataset: str,
    number: int,
    parent: int | None,
    placing: Placing[R],
    settled_before: Mapping[int, Split],
    salt: str,
    contamination: Mapping[str, Any] = UNCOMPARED,
    rule_number: int | None = None,
    writers_percent: int | None = None,
) -> dict[str, Any]:
    """What the manifest says of a version of any kind, but for its rule, and the sizes and hashes of its files."""
    rows = placing.parts
    seen = Seen(rows)
    return {
        "project": project,
        "dataset": dataset,
        "version": number,
        "parent": parent,
        **({} if rule_number is None else {"rule_revision": rule_number}),
        "splits": {
            "method": METHOD,
            "near_duplicates": NEAR_DUPLICATES,
            "parameters": parameters(salt),
            "settled_before": {"prompts": len(settled_before), "sha256": settled_digest(settled_before)},
            **({} if writers_percent is None else {"held_out_writers": choice_of_writers(writers_percent)}),
        },
        "rows": {part.value: len(facts) for part, facts in rows.items()},
        "held_out": held_out(placing),
        "categories": {
            name: {part.value: seen.categories[name, part] for part in rows}
            for name in sorted({name for name, _ in seen.categories})
        },
        "languages": counted(seen.languages),
        "licences": counted(seen.licences),
        "sources": counted(seen.sources),
        "prompts": len(ascending(fact.prompt_id for facts in rows.values() for fact in facts)),
        "contamination": dict(contamination),
        "files": {},
    }


def describe(
    *,
    rule: Mapping[str, Any],
    criteria: Sequence[str],
    placing: Placing[Fact],
    consents: Mapping[tuple[str, str], frozenset[int]] = NOBODY,
    guideline_texts: Mapping[int, str] = UNWRITTEN,
    **of_any: Any,
) -> dict[str, Any]:
    """The manifest of a version of responses; the rest is `describe_any`'s."""
    checked, seen = checked_rule(rule), SeenOfResponses(placing.parts)
    return {
        **describe_any(placing=placing, **of_any),
        "format": FORMAT,
        "rule": as_json(checked),
        "rule_in_words": in_words(checked),
        "guidelines": sorted(seen.guidelines),
        "guideline_texts": texts_of(guideline_texts, seen.guidelines),
        "rating_keys": list(criteria),
        "annotators": counted(seen.annotators),
        **imported(seen.imported),
        "consents": accepted(consents, seen.authors),
        "lengths": {
            "turns": spread(seen.turns),
            "prompt_characters": spread(seen.prompt_characters),
            "response_characters": spread(seen.response_characters),
        },
    }


class Seen:
    """What is counted in rows of any kind, in one passage over them."""

    def __init__(self, parts: Mapping[Part, Many[AnyRow]]) -> None:
        self.categories: Counter[tuple[str, Part]] = Counter()
        self.languages, self.licences, self.sources = Counter[str](), Counter[str](), Counter[str]()
        for part, facts in parts.items():
            for fact in facts:
                self.categories[fact.category, part] += 1
                self.languages[fact.language] += 1
                self.licences[fact.licence] += 1
                self.sources[fact.source] += 1


class SeenOfResponses:
    """What is counted in rows that are responses; `imported`: of each source and licence those that nobody here wrote.

    `guidelines`: the versions under which they were written; what was imported was under none.
    """

    def __init__(self, parts: Mapping[Part, Many[Fact]]) -> None:
        self.guidelines, self.authors = set[int](), set[int]()
        self.annotators, self.imported = Counter[str](), Counter[tuple[str, str]]()
        self.turns, self.prompt_characters, self.response_characters = (Counter[int]() for _ in range(3))
        for fact in chain.from_iterable(parts.values()):
            if fact.guidelines is not None:
                self.guidelines.add(fact.guidelines)
            if fact.author_id is None:
                self.imported[fact.source, fact.licence] += 1
            else:
                self.authors.add(fact.author_id)
            self.annotators[fact.annotator] += 1
            self.turns[fact.turns] += 1
            self.prompt_characters[fact.prompt_characters] += 1
            self.response_characters[fact.response_characters] += 1


def held_out(placing: Placing[R]) -> dict[str, Any]:
    """Who and what of this version is only tested on, by pseudonym and name, and how many rows went along."""
    writers = {fact.annotator for fact in placing.parts.get(Part.TEST_WRITERS, [])}
    categories = {fact.category for fact in placing.parts.get(Part.TEST_CATEGORIES, [])}
    return {"writers": sorted(writers), "categories": sorted(categories), "taken_along": placing.taken_along}


def imported(found: Counter[tuple[str, str]]) -> dict[str, Any]:
    """How many rows nobody here wrote, and of each source and licence how many. Nothing where there are none."""
    if not found:
        return {}
    said = [{"source": source, "licence": licence, "rows": rows} for (source, licence), rows in sorted(found.items())]
    return {"imported": found.total(), "imported_from": said}


def accepted(consents: Mapping[tuple[str, str], frozenset[int]], authors: Set[int]) -> list[dict[str, Any]]:
    """Each text and licence that writers of these rows accepted, word for word, and how many of them did."""
    return [
        {"text": text, "licence": licence, "annotators": len(people & authors)}
        for (text, licence), people in consents.items()
        if people & authors
    ]


def texts_of(texts: Mapping[int, str], versions: Set[int]) -> dict[str, str]:
    """What the guidelines said under which these rows were written, word for word, by their version."""
    return {str(version): text for version, text in sorted(texts.items()) if version in versions}


def spread(values: Iterable[int] | Counter[int]) -> dict[str, int]:
    """The least, the median, the 95th percentile and the most, each a value that is there (nearest rank)."""
    ordered = sorted(Counter(values).items())
    upto = list(accumulate(count for _, count in ordered))
    last = upto[-1] - 1
    places = {"least": 0, "median": last // 2, "p95": -(-95 * upto[-1] // 100) - 1, "most": last}
    return {name: ordered[bisect_right(upto, place)][0] for name, place in places.items()}


def counted(words: Iterable[str] | Counter[str]) -> dict[str, int]:
    """How often each word stands, by word."""
    return dict(sorted(Counter(words).items()))


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of manifest.json: sorted keys, UTF-8. The stored JSON gives the same bytes again."""
    return json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def content_hash(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of manifest.json, which names the hash of every other file: the name of the whole content."""
    return hashlib.sha256(canonical(manifest)).hexdigest()
