"""What manifest.json says of a version: its files and what is in them. Nothing in it depends on machine or time."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from app.core.near import SPLIT_ALIKE
from app.datasets.models import Part, Split
from app.datasets.publish.gather import Fact, R
from app.datasets.rule.rules import as_json, checked_rule, in_words
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
) -> dict[str, Any]:
    """What the manifest says of a version of any kind, but for its rule, and the sizes and hashes of its files."""
    rows = placing.parts
    every = [fact for facts in rows.values() for fact in facts]
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
        },
        "rows": {part.value: len(facts) for part, facts in rows.items()},
        "held_out": held_out(placing),
        "categories": {
            name: {part.value: sum(fact.category == name for fact in facts) for part, facts in rows.items()}
            for name in sorted({fact.category for fact in every})
        },
        "languages": counted(fact.language for fact in every),
        "licences": counted(fact.licence for fact in every),
        "sources": counted(fact.source for fact in every),
        "prompts": len({fact.prompt_id for fact in every}),
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
    checked, every = checked_rule(rule), [fact for facts in placing.parts.values() for fact in facts]
    return {
        **describe_any(placing=placing, **of_any),
        "format": FORMAT,
        "rule": as_json(checked),
        "rule_in_words": in_words(checked),
        "guidelines": sorted(written_under(every)),
        "guideline_texts": texts_of(guideline_texts, written_under(every)),
        "rating_keys": list(criteria),
        "annotators": counted(fact.annotator for fact in every),
        **imported(every),
        "consents": accepted(consents, {fact.author_id for fact in every if fact.author_id is not None}),
        "lengths": {
            "turns": spread(fact.turns for fact in every),
            "prompt_characters": spread(fact.prompt_characters for fact in every),
            "response_characters": spread(fact.response_characters for fact in every),
        },
    }


def held_out(placing: Placing[R]) -> dict[str, Any]:
    """Who and what of this version is only tested on, by pseudonym and name, and how many rows went along."""
    writers = {fact.annotator for fact in placing.parts.get(Part.TEST_WRITERS, [])}
    categories = {fact.category for fact in placing.parts.get(Part.TEST_CATEGORIES, [])}
    return {"writers": sorted(writers), "categories": sorted(categories), "taken_along": placing.taken_along}


def written_under(every: Iterable[Fact]) -> set[int]:
    """The versions of the guidelines under which these rows were written; what was imported was under none."""
    return {fact.guidelines for fact in every if fact.guidelines is not None}


def imported(every: Iterable[Fact]) -> dict[str, Any]:
    """How many rows nobody here wrote, and of each source and licence how many. Nothing where there are none."""
    found = Counter((fact.source, fact.licence) for fact in every if fact.author_id is None)
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


def spread(values: Iterable[int]) -> dict[str, int]:
    """The least, the median, the 95th percentile and the most, each a value that is there (nearest rank)."""
    ordered = sorted(values)
    last = len(ordered) - 1
    places = {"least": 0, "median": last // 2, "p95": -(-95 * len(ordered) // 100) - 1, "most": last}
    return {name: ordered[place] for name, place in places.items()}


def counted(words: Iterable[str]) -> dict[str, int]:
    """How often each word stands, by word."""
    return dict(sorted(Counter(words).items()))


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of manifest.json: sorted keys, UTF-8. The stored JSON gives the same bytes again."""
    return json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def content_hash(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of manifest.json, which names the hash of every other file: the name of the whole content."""
    return hashlib.sha256(canonical(manifest)).hexdigest()
