"""The dataset card, README.md of a version or of one of its formats, from the manifest: never by hand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.datasets.formats.form import Form
from app.datasets.formats.messages import MESSAGES
from app.datasets.models import Part
from app.datasets.publish.card_yaml import front_matter

MARKDOWN = frozenset("\\`*_{}[]<>()#+-.!|~&")
LENGTHS = {
    "turns": "turns of a row",
    "prompt_characters": "characters of a prompt",
    "response_characters": "characters of a response",
}
TICKS = re.compile("`+")

HELD_OUT_FILES = {
    "test_writers": "prompts of familiar kinds, answered by people of whom nothing is trained on. Beside `test` they "
    "show whether a model learned the task or the person.",
    "test_categories": "prompts of kinds of which nothing is trained on, by whomever. Beside `test` they show how far "
    "what was learned carries.",
}

BODY = """\
# {dataset}, version {version}

{origin} the project {project}. {rule} {writers}{imported}

{files}

## Rows

{form} `annotator` is the writer's pseudonym in the project, `editor` that of the reviewer who put
words right before approving them, empty where the writer's own stand. `ratings` are those of the review that approved
the row, 1 to 5, null where its rubric did not ask.

## Splits

{prompts} prompts, split {method}. Near duplicates: {near}. Train on `train`, choose by `validation`, report on `test`.
{held_out}
## Figures

{categories}

{languages}

{lengths}## Guidelines

{guidelines}

## Benchmarks

{contamination}

## Licences and sources

The licence belongs to the row (`metadata.licence`), and so does the source that asks to be named (`metadata.source`):
keep both when rows are copied.

{licences}

{sources}

{consents}## Limits

Few rows by few people: a model that learns from them overfits, and writes as they do. Facts are as people wrote them.
Near duplicates are found by their words: a paraphrase in other words can stand in `train` and in `test`.

## How to cite

Name the project, the dataset and the version, and whom `metadata.source` names:

{citation}
"""


def card(manifest: Mapping[str, Any], form: Form = MESSAGES, left_out: Mapping[str, int] | None = None) -> str:
    """The whole file. `left_out`: rows of each split that the format cannot say."""
    rows = {split: manifest["rows"][split] - (left_out or {}).get(split, 0) for split in parts_of(manifest)}
    return f"---\n{front_matter(manifest, form, rows)}---\n\n{body(manifest, form, rows)}"


def body(manifest: Mapping[str, Any], form: Form = MESSAGES, rows: Mapping[str, int] | None = None) -> str:
    """What it holds, how it was split, what may be done with it."""
    held = rows or manifest["rows"]
    return BODY.format(
        origin=origin(manifest),
        dataset=plain(manifest["dataset"]),
        version=manifest["version"],
        project=plain(manifest["project"]),
        rule=plain(manifest["rule_in_words"]),
        writers=writers(manifest["annotators"]),
        imported=imported(manifest.get("imported", 0), manifest.get("imported_from", [])),
        files=table("file", {form.file_name(split): held[split] for split in parts_of(manifest)}),
        form=form.rows + left_out_words(form, sum(manifest["rows"].values()) - sum(held.values())),
        prompts=manifest["prompts"],
        method=manifest["splits"]["method"],
        near=manifest["splits"]["near_duplicates"],
        held_out=held_out(manifest),
        categories=by_split("category", sorted_by_name(manifest["categories"]), parts_of(manifest)),
        languages=table("language", sorted_by_name(manifest["languages"])),
        lengths=lengths(manifest.get("lengths", {})),
        guidelines=guidelines(manifest),
        contamination=contamination(manifest.get("contamination", {})),
        licences=table("licence", sorted_by_name(manifest["licences"])),
        sources=table("source", sorted_by_name(manifest["sources"])),
        consents=consents(manifest["consents"], len([name for name in manifest["annotators"] if name])),
        citation=citation(manifest),
    )


def parts_of(manifest: Mapping[str, Any]) -> list[str]:
    """The names of its files of rows in their order; a manifest that comes from the database has another."""
    return [part.value for part in Part if part.value in manifest["rows"]]


def held_out(manifest: Mapping[str, Any]) -> str:
    """What the files beside `test` are for, if there are any. The manifests of older versions know of none."""
    parts = [(name, manifest["rows"][name]) for name in parts_of(manifest) if name in HELD_OUT_FILES]
    if not parts:
        return ""
    said = [f"`{name}` ({count} rows): {HELD_OUT_FILES[name]}" for name, count in parts]
    if (choice := manifest["splits"].get("held_out_writers")) and "test_writers" in manifest["rows"]:
        said.append(
            f"Held-out writers are chosen in the order of a hash until {choice['percent']} % of what people wrote in "
            "familiar categories is theirs; who was held out once stays so."
        )
    along = manifest["held_out"]["taken_along"]
    if along:
        rows = "row answers a prompt" if along == 1 else "rows answer prompts"
        said.append(
            f"{along} {rows} near one of a held-out row: they lie in `test`, since no cluster is both trained and "
            "tested on."
        )
    return "\n" + "\n\n".join(said) + "\n"


def contamination(found: Mapping[str, Any]) -> str:
    """With which benchmarks the rows were compared, and what was found; that they were with none, where it is so."""
    if not found.get("benchmarks"):
        return "Compared with no benchmark: nobody knows whether rows repeat what a model will be measured by."
    rows = [
        f"| {plain(one['name'])} | {plain(one['licence'])} | {one['items']} | {one['too_short']} | {one['rows']} |"
        for one in found["benchmarks"]
    ]
    head = ["| benchmark | licence | items | too short | rows that repeat it |", "|---|---|--:|--:|--:|"]
    asked = found["leave_out_percent"]
    kept = "They stay in the files." if asked is None else f"Left out, from {asked} % on: {found['left_out']}."
    said = f"Rows are in `contamination.json`, each with the passage. {kept} How: {found['method']}."
    return "\n".join([*head, *rows]) + f"\n\n{said}"


def writers(annotators: Mapping[str, int]) -> str:
    """Who wrote how much, in a sentence. Rows without a pseudonym are nobody's here."""
    counts = {name: count for name, count in annotators.items() if name}
    if not counts:
        return "Nobody in the project wrote them."
    if len(counts) == 1:
        return "One person wrote all of it."
    return f"{len(counts)} people wrote it; the largest share is {max(counts.values()) / sum(counts.values()):.0%}."


def origin(manifest: Mapping[str, Any]) -> str:
    """How its rows came about. Where all were imported, nobody here wrote or approved any."""
    if "imported" in manifest and manifest["imported"] == sum(manifest["rows"].values()):
        return "Prompts and responses that were imported into"
    return "Prompts and responses that people wrote and reviewers approved in"


def imported(rows: int, places: Sequence[Mapping[str, Any]] = ()) -> str:
    """How many rows nobody in the project wrote, in a sentence, and from where under which licence, if any."""
    if not rows:
        return ""
    said = "1 row was" if rows == 1 else f"{rows} rows were"
    table = [f"| {plain(one['source'])} | {plain(one['licence'])} | {one['rows']} |" for one in places]
    head = ["| imported from | licence | rows |", "|---|---|--:|"] if table else []
    return (
        f" {said} imported: written elsewhere, taken as they were, reviewed by nobody in the project. Their "
        "`annotator` is empty; `metadata.source` says where they come from."
        + "\n\n" * bool(table)
        + "\n".join([*head, *table])
    )


def left_out_words(form: Form, left_out: int) -> str:
    """Which rows the format cannot say, and how many there are, in a sentence, if it cannot say all."""
    if not form.cannot_say:
        return ""
    return f" Left out are {form.cannot_say}: {left_out} of this version."


def sorted_by_name(counts: Mapping[str, Any]) -> dict[str, Any]:
    """In the order of the names: a manifest that comes from the database has another."""
    return dict(sorted(counts.items()))


def by_split(head: str, counts: Mapping[str, Mapping[str, int]], files: Sequence[str]) -> str:
    """Counts by name and file in rows of Markdown."""
    rows = [
        f"| {plain(name) or 'not stated'} | {' | '.join(str(held[part]) for part in files)} | {sum(held.values())} |"
        for name, held in counts.items()
    ]
    return "\n".join([f"| {head} | {' | '.join(files)} | rows |", f"|---|{'--:|' * (len(files) + 1)}", *rows])


def lengths(found: Mapping[str, Mapping[str, int]], named: Mapping[str, str] = LENGTHS) -> str:
    """How long rows are, in rows of Markdown, where the manifest says."""
    if not found:
        return ""
    rows = [
        f"| {words} | {one['least']} | {one['median']} | {one['p95']} | {one['most']} |"
        for key, words in named.items()
        for one in [found[key]]
    ]
    return "\n".join(["| | least | median | 95 % up to | most |", "|---|--:|--:|--:|--:|", *rows]) + "\n\n"


def guidelines(manifest: Mapping[str, Any]) -> str:
    """Which versions of the guidelines the rows were written under, and what these say, word for word."""
    under = versions(manifest["guidelines"])
    parts = [f"Written under {under}; `metadata.guidelines` says which." if under else "No row was written under any."]
    if manifest.get("imported"):
        parts.append("What was imported was written under none of them: its `metadata.guidelines` is null.")
    for number, text in sorted(manifest.get("guideline_texts", {}).items(), key=lambda one: int(one[0])):
        parts += [f"### Guidelines, version {number}", fenced(text) if text else "Nothing is written in them."]
    return "\n\n".join(parts)


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


def citation(manifest: Mapping[str, Any]) -> str:
    """An entry of BibTeX. It names the hash of the training rows; the version's own hash covers this very file."""
    fields = {
        "title": f"{bare(manifest['dataset'])}, version {manifest['version']}",
        "author": f"{{{bare(manifest['project'])}}}",
        "howpublished": "Dataset of prompts and responses, published with Penset",
    }
    if "train.jsonl" in manifest["files"]:
        fields["note"] = f"SHA-256 of train.jsonl: {manifest['files']['train.jsonl']['sha256']}"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return fenced("\n".join([f"@misc{{penset-version-{manifest['version']},", *lines, "}"]))


def bare(text: str) -> str:
    """A name with nothing that BibTeX would take for its own."""
    return " ".join("".join(c if c.isalnum() or c in ".,:;'()-/" else " " for c in text).split()) or "unnamed"


def fenced(text: str) -> str:
    """A text word for word, between fences that are longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in TICKS.findall(text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def quoted(text: str) -> str:
    """A text as a quotation of Markdown, a paragraph for each line with words."""
    return "\n>\n".join(f"> {plain(line)}" for line in text.splitlines() if plain(line))


def versions(numbers: Iterable[int]) -> str:
    """Version 3, or versions 1, 2; nothing where there is none."""
    held = list(numbers)
    return f"version{'s' if len(held) > 1 else ''} {', '.join(map(str, held))}" if held else ""


def table(head: str, counts: Mapping[str, int]) -> str:
    """Counts in rows of Markdown."""
    rows = [f"| {plain(name) or 'not stated'} | {count} |" for name, count in counts.items()]
    return "\n".join([f"| {head} | rows |", "|---|--:|", *rows])


def plain(text: str) -> str:
    """A text inside Markdown on one line, with nothing that Markdown or a table would take for its own."""
    flat = " ".join(text.split())
    return "".join(f"\\{character}" if character in MARKDOWN else character for character in flat)
