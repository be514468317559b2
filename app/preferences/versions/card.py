"""The dataset card, README.md of a version of preferences, from the manifest: never by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.datasets.formats.form import TURNS, Column, columns
from app.datasets.publish.card import (
    by_split,
    citation,
    contamination,
    held_out,
    lengths,
    parts_of,
    plain,
    sorted_by_name,
    table,
)
from app.datasets.publish.card_yaml import language, licence, size

STRENGTHS = {"": "not asked", "slightly": "a little", "clearly": "clearly", "by_far": "by far"}
BODY = """\
# {dataset}, version {version}

Pairs of responses of which people preferred one, without knowing where either comes from, in the project {project}.
{rule} {few}

{files}

## Rows

One JSON object a line: `prompt`, `chosen` and `rejected` are lists of messages (`role` and `content`), as a reward
model or DPO reads them; `id` and `metadata`. `opinions` people judged the pair, `agreed` of them prefer `chosen`;
`strength` says by how much (`slightly`, `clearly`, `by_far`, empty where nobody was asked), `reasons` in what. Pairs
with the same `ranking_id` were put in order together: keep them in one batch, for a model overfits where they are
shuffled apart.

## How people compared

Two responses lay side by side, in an order drawn by chance; nobody was given one of their own or one on which they had
decided. {opinions} {agreement} {longer} {cycles}

{strengths}

{left_out}

## Splits

{prompts} prompts, split {method}. Near duplicates: {near}. A pair lies in the split of its prompt, and so do responses
to it in every other dataset of the project. Train on `train`, choose by `validation`, report on `test`.
{held_out}
## Figures

{categories}

{languages}

{lengths}{sets}

{chosen}

{rejected}

## Benchmarks

{contamination}

## Licences and sources

The licence belongs to the row (`metadata.licence`), and so does the source that asks to be named (`metadata.source`):
keep both when rows are copied. A row names those of its prompt and of both responses.

{licences}

{sources}

## Limits

What few people preferred is not what everybody prefers. A longer response is often chosen for its length. Near
duplicates are found by their words: a paraphrase in other words can stand in `train` and in `test`.

## How to cite

Name the project, the dataset and the version, and whom `metadata.source` names:

{citation}
"""
WORDS = {"chosen_characters": "characters of `chosen`", "rejected_characters": "characters of `rejected`"}


def card(manifest: Mapping[str, Any]) -> str:
    """The whole file."""
    return f"---\n{front_matter(manifest)}---\n\n{body(manifest)}"


def body(manifest: Mapping[str, Any]) -> str:
    """What it holds, how people compared, how it was split, what may be done with it."""
    parts = parts_of(manifest)
    return BODY.format(
        dataset=plain(manifest["dataset"]),
        version=manifest["version"],
        project=plain(manifest["project"]),
        rule=plain(manifest["rule_in_words"]),
        few=f"\n\n**{plain(manifest['too_few'])}**" if manifest["too_few"] else "",
        files=table("file", {f"{part}.jsonl": manifest["rows"][part] for part in parts}),
        opinions=opinions(manifest),
        agreement=agreement(manifest),
        longer=longer(manifest),
        cycles=cycles(manifest["cycles"]),
        strengths=table("better", {words: manifest["strengths"].get(one, 0) for one, words in STRENGTHS.items()}),
        left_out=left_out(manifest["left_out"]),
        prompts=manifest["prompts"],
        method=manifest["splits"]["method"],
        near=manifest["splits"]["near_duplicates"],
        held_out=held_out(manifest),
        categories=by_split("category", sorted_by_name(manifest["categories"]), parts),
        languages=table("language", sorted_by_name(manifest["languages"])),
        lengths=lengths(manifest["lengths"], WORDS),
        sets=table("comparison set", sorted_by_name(manifest["sets"])),
        chosen=table("source of the chosen one", sorted_by_name(manifest["chosen_sources"])),
        rejected=table("source of the other one", sorted_by_name(manifest["rejected_sources"])),
        contamination=contamination(manifest["contamination"]),
        licences=table("licence", sorted_by_name(manifest["licences"])),
        sources=table("source", sorted_by_name(manifest["sources"])),
        citation=citation(manifest),
    )


def opinions(manifest: Mapping[str, Any]) -> str:
    """How many opinions there are, and how many pairs several people judged."""
    rows, judges = sum(manifest["rows"].values()), len(manifest.get("judges", ()))
    by = f" by {judges} {'person' if judges == 1 else 'people'}" if judges else ""
    several = f"several people judged {manifest['judged_twice']} of them."
    return f"{manifest['opinions']} opinions{by} on {rows} pairs; {several}"


def agreement(manifest: Mapping[str, Any]) -> str:
    """How far those who judged the same pair agree."""
    agreed = manifest["agreed"]
    if not agreed["of"]:
        return "How far people agree cannot be said: nobody judged what another had judged."
    share = f"{100 * agreed['for'] / agreed['of']:.0f} %"
    if "low" in agreed:
        share = f"{share} ({100 * agreed['low']:.0f} to {100 * agreed['high']:.0f}, 95 % interval over prompts)"
    return f"On these {share} of the opinions are for the chosen response; pairs without a majority are left out."


def longer(manifest: Mapping[str, Any]) -> str:
    """How often the chosen response is the longer one."""
    rows = sum(manifest["rows"].values())
    return f"The chosen response is the longer one in {manifest['longer_chosen']} of {rows} pairs."


def cycles(prompts: int) -> str:
    """Whether what people prefer leads round in a circle anywhere."""
    if not prompts:
        return ""
    on = "1 prompt" if prompts == 1 else f"{prompts} prompts"
    return f"On {on} the pairs lead round in a circle (A before B, B before C, C before A); they stay in the files."


def left_out(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Which judged pairs are not in it, by what they do not meet."""
    if not conditions:
        return "No judged pair was left out."
    return table("left out, since asked for", {one["condition"]: one["pairs"] for one in conditions})


def front_matter(manifest: Mapping[str, Any]) -> str:
    """The YAML, with every text quoted. A split without rows is not named: a loader would refuse it."""
    from app.datasets.publish.quoted_yaml import quoted_yaml  # a site makes no cards

    rows = {part: manifest["rows"][part] for part in parts_of(manifest)}
    values = {
        "pretty_name": f"{manifest['dataset']}, version {manifest['version']}",
        **licence(manifest["licences"]),
        **language(manifest["languages"]),
        "annotations_creators": ["other"],
        "size_categories": [size(sum(rows.values()))],
        "task_categories": ["text-generation"],
        "tags": ["preferences", "reward-model", "dpo", "human-feedback", "penset"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": part, "path": f"{part}.jsonl"} for part, many in rows.items() if many],
            }
        ],
        "dataset_info": {"features": features()},
    }
    return quoted_yaml(values)


def features() -> list[Column]:
    """The types of every column."""
    metadata: list[Column] = [
        *columns("string", "prompt_id", "category", "language", "set", "strength"),
        *columns("int64", "opinions", "agreed"),
        {"name": "reasons", "list": "string"},
        *columns("string", "chosen_source", "rejected_source", "licence", "source", "ranking_id"),
    ]
    turns: list[Column] = [{"name": name, **TURNS} for name in ("prompt", "chosen", "rejected")]
    return [*turns, *columns("string", "id"), {"name": "metadata", "struct": metadata}]
