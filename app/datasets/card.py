"""The dataset card, README.md of a version: YAML that `datasets` reads, and what a person must know. From data."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import yaml

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class Quoting(yaml.SafeDumper):
    """Writes every text in double quotes, with its line ends escaped: no name ends the document or begins a tag."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def card(manifest: dict[str, Any], categories: Counter[str], licences: Counter[str], languages: Counter[str]) -> str:
    """The whole file."""
    return f"---\n{front_matter(manifest, licences, languages)}---\n\n{body(manifest, categories, licences)}"


def front_matter(manifest: dict[str, Any], licences: Counter[str], languages: Counter[str]) -> str:
    """YAML with every value quoted as a plain scalar: a name can end no document and begin no tag."""
    total = sum(file["rows"] for file in manifest["files"].values())
    files = [{"split": name.removesuffix(".jsonl"), "path": name} for name in manifest["files"]]
    features = ratings_features(manifest["rating_keys"])
    values = {
        "pretty_name": f"{manifest['dataset']}, version {manifest['version']}",
        "license": "other",
        "license_name": ", ".join(sorted(name for name in licences if name)) or "not stated",
        "language": sorted(languages),
        "size_categories": [next((name for limit, name in SIZES if total < limit), "n>1M")],
        "task_categories": ["text-generation"],
        "tags": ["sft", "human-written", "penset"],
        "annotations_creators": ["expert-generated"],
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"features": features},
    }
    return yaml.dump(values, Dumper=Quoting, allow_unicode=True, sort_keys=False, width=10_000)


def ratings_features(keys: Sequence[str]) -> list[dict[str, Any]]:
    """The types of every column, so that a file whose nulls would hide them loads all the same."""
    text = [("prompt_id", "string"), ("submission_id", "string"), ("revision", "int64"), ("category", "string")]
    text += [("language", "string"), ("annotator", "string"), ("guidelines", "int64")]
    metadata: list[dict[str, Any]] = [{"name": name, "dtype": kind} for name, kind in text]
    if keys:
        metadata.append({"name": "ratings", "struct": [{"name": key, "dtype": "float64"} for key in keys]})
    metadata += [{"name": "licence", "dtype": "string"}, {"name": "source", "dtype": "string"}]
    turns = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
    return [
        {"name": "messages", "list": turns},
        {"name": "id", "dtype": "string"},
        {"name": "metadata", "struct": metadata},
    ]


def body(manifest: dict[str, Any], categories: Counter[str], licences: Counter[str]) -> str:
    """What it holds, how it was split, what may be done with it."""
    rows = [f"| {name} | {file['rows']} | {file['bytes']} |" for name, file in manifest["files"].items()]
    by_category = [f"| {cell(name or 'none')} | {count} |" for name, count in sorted(categories.items())]
    by_licence = [f"| {cell(name or 'not stated')} | {count} |" for name, count in sorted(licences.items())]
    return "\n".join(
        [
            f"# {cell(manifest['dataset'])}, version {manifest['version']}",
            "",
            f"Prompts and responses that people wrote and reviewers approved. Rule: {cell(manifest['rule_in_words'])}",
            "",
            "| file | rows | bytes |",
            "|---|--:|--:|",
            *rows,
            "",
            "## Rows",
            "",
            "One JSON object a line: `messages` (`role` and `content` of each turn), `id`, `metadata`. Loss belongs on",
            "the assistant's turns only. `annotator` is a pseudonym of the project; `ratings` are the deciding review's.",
            "",
            "## Splits",
            "",
            f"{manifest['splits']['method']}. Near duplicates: {manifest['splits']['near_duplicates']}",
            "",
            "## Categories",
            "",
            "| category | rows |",
            "|---|--:|",
            *by_category,
            "",
            "## Licences",
            "",
            "The licence belongs to the row (`metadata.licence`); keep it when rows are copied.",
            "",
            "| licence | rows |",
            "|---|--:|",
            *by_licence,
            "",
            "## Limits",
            "",
            "Few rows by few people: a model that learns from them overfits. Facts are as people wrote them.",
            f"Written under guidelines {', '.join(str(version) for version in manifest['guidelines'])}.",
            "",
        ]
    )


def cell(text: str) -> str:
    """A text inside Markdown, with nothing that Markdown or a table would take for its own."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|~" else c for c in flat)
