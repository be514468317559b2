"""The dataset card, README.md of a version, from its manifest: YAML that `datasets` reads, words that people read."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
MARKDOWN = frozenset("\\`*_{}[]<>()#+-.!|~&")

BODY = """\
# {dataset}, version {version}

Prompts and responses that people wrote and reviewers approved in the project {project}. {rule} {writers}

{files}

## Rows

One JSON object a line: `messages` (`role` and `content` of each turn), `id`, `metadata`. A loss belongs on the
assistant's turns only. `annotator` is the writer's pseudonym in the project, `editor` that of the reviewer who put
words right before approving them, empty where the writer's own stand. `ratings` are those of the review that approved
the row, 1 to 5, null where its rubric did not ask.

## Splits

{prompts} prompts, split {method}. Near duplicates: {near}. Train on `train`, choose by `validation`, report on `test`.

## Categories

{categories}

## Languages

{languages}

## Licences and sources

The licence belongs to the row (`metadata.licence`), and so does the source that asks to be named (`metadata.source`):
keep both when rows are copied.

{licences}

{sources}

{consents}## Limits

Few rows by few people: a model that learns from them overfits. Facts are as people wrote them. Written under the
guidelines' {guidelines}.
"""


class Quoting(yaml.SafeDumper):
    """Writes every text in double quotes, with its line ends escaped: no name ends the document or begins a tag."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def card(manifest: Mapping[str, Any]) -> str:
    """The whole file."""
    return f"---\n{front_matter(manifest)}---\n\n{body(manifest)}"


def front_matter(manifest: Mapping[str, Any]) -> str:
    """YAML with every text quoted. A split without rows has a file, but a loader is not sent there: it would refuse."""
    rows: Mapping[str, int] = manifest["rows"]
    total = sum(rows.values())
    files = [{"split": split, "path": f"{split}.jsonl"} for split, count in rows.items() if count]
    values = {
        "pretty_name": f"{manifest['dataset']}, version {manifest['version']}",
        "license": "other",
        "license_name": ", ".join(name for name in manifest["licences"] if name) or "not stated",
        "language": [language for language in manifest["languages"] if language],
        "size_categories": [next((name for limit, name in SIZES if total < limit), "n>1M")],
        "task_categories": ["text-generation"],
        "tags": ["sft", "human-written", "penset"],
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"features": features(manifest["rating_keys"])},
    }
    return yaml.dump(values, Dumper=Quoting, sort_keys=False, width=10_000)


def features(criteria: Sequence[str]) -> list[dict[str, Any]]:
    """The types of every column, so that a file whose nulls would hide them loads all the same."""
    metadata: list[dict[str, Any]] = [
        *columns("string", "prompt_id", "submission_id"),
        *columns("int64", "revision"),
        *columns("string", "category", "language", "annotator", "editor"),
        *columns("int64", "guidelines"),
        {"name": "ratings", "struct": columns("float64", *criteria)},
        *columns("string", "licence", "source"),
    ]
    return [
        {"name": "messages", "list": columns("string", "role", "content")},
        *columns("string", "id"),
        {"name": "metadata", "struct": metadata},
    ]


def columns(kind: str, *names: str) -> list[dict[str, str]]:
    """Columns of one type."""
    return [{"name": name, "dtype": kind} for name in names]


def body(manifest: Mapping[str, Any]) -> str:
    """What it holds, how it was split, what may be done with it."""
    return BODY.format(
        dataset=plain(manifest["dataset"]),
        version=manifest["version"],
        project=plain(manifest["project"]),
        rule=plain(manifest["rule_in_words"]),
        writers=writers(manifest["annotators"]),
        files=table("file", {f"{split}.jsonl": count for split, count in manifest["rows"].items()}),
        prompts=manifest["prompts"],
        method=manifest["splits"]["method"],
        near=manifest["splits"]["near_duplicates"],
        categories=table("category", {name: sum(held.values()) for name, held in manifest["categories"].items()}),
        languages=table("language", manifest["languages"]),
        licences=table("licence", manifest["licences"]),
        sources=table("source", manifest["sources"]),
        consents=consents(manifest["consents"], len(manifest["annotators"])),
        guidelines=versions(manifest["guidelines"]),
    )


def writers(annotators: Mapping[str, int]) -> str:
    """Who wrote how much, in a sentence."""
    largest = max(annotators.values()) / sum(annotators.values())
    people = "One person wrote all of it" if len(annotators) == 1 else f"{len(annotators)} people wrote it"
    return f"{people}." if len(annotators) == 1 else f"{people}; the largest share is {largest:.0%}."


def consents(accepted: Sequence[Mapping[str, Any]], writers: int) -> str:
    """What the writers accepted, in a section of its own, if anything. The manifest has it word for word."""
    if not accepted:
        return ""
    parts = [
        f"Accepted by {one['annotators']} of {writers} writers, "
        f"with the licence {plain(one['licence']) or 'not stated'}:\n\n{quoted(one['text'])}"
        for one in accepted
    ]
    return "\n\n".join(["## Consent", *parts]) + "\n\n"


def quoted(text: str) -> str:
    """A text as a quotation of Markdown, a paragraph for each line with words."""
    return "\n>\n".join(f"> {plain(line)}" for line in text.splitlines() if plain(line))


def versions(numbers: Sequence[int]) -> str:
    """Version 3, or versions 1, 2."""
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def table(head: str, counts: Mapping[str, int]) -> str:
    """Counts in rows of Markdown."""
    rows = [f"| {plain(name) or 'not stated'} | {count} |" for name, count in counts.items()]
    return "\n".join([f"| {head} | rows |", "|---|--:|", *rows])


def plain(text: str) -> str:
    """A text inside Markdown on one line, with nothing that Markdown or a table would take for its own."""
    flat = " ".join(text.split())
    return "".join(f"\\{character}" if character in MARKDOWN else character for character in flat)
