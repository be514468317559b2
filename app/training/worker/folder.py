"""What stands beside the weights in a model's folder: its card, made from the report, and the hash of each file."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any, Literal

from app.training.worker.estimate import Estimate
from app.training.worker.report import Report

Figure = Literal["reward", "second_reward", "kl", "tokens", "ended"]
CARD = "README.md"
SUMS = "sha256sums"  # as `sha256sum -c` reads it
MADE = {
    "sft": "Fine-tuned",
    "reward": "A reward model, trained",
    "dpo": "Trained on preferences (DPO)",
    "rloo": "Trained against a reward model (RLOO)",
    "grpo": "Trained against a reward model (GRPO)",
}
FIGURES: tuple[Figure, ...] = ("reward", "second_reward", "kl", "tokens", "ended")
LINEAGE = {
    "Begins from the model of": "begins_from",
    "Follows the reward model of": "reward_from",
    "Measured, too, by the reward model of": "second_reward_from",
}
BODY = """\
# {name}

{made} by Penset from {base} on {dataset}.

{sentence}

## What it learned

{sentences}

## What these numbers cannot say

{cautions}

## Numbers

{figures}

How each is measured stands in Penset's documentation.

## How it was made

{facts}

```json
{plan}
```

## Licences

The base model: {licence}. The texts: as each row of the dataset says (`metadata.licence`).
"""


def write_card(folder: Path, report: Report) -> None:
    """The model card, README.md."""
    (folder / CARD).write_text(card(report), "utf-8")


def card(report: Report) -> str:
    """From the report alone: base, version with hash, settings, results, licence."""
    base, plan = report["base_model"], report["plan"]
    facts = {
        "Base model": f"{base['label']}, from {base['source']}, weights {base['weights_sha256']}",
        "Dataset": f"{plan['dataset']}, content hash {plan.get('dataset_hash') or 'not known'}",
        **{what: plan[key] for what, key in LINEAGE.items() if plan.get(key)},
        "Rows": ", ".join(f"{name}: {of['used']:,} of {of['rows']:,}" for name, of in report["files"].items()),
        "Weights of this model": report["model_sha256"],
        "Libraries": ", ".join(f"{name} {version}" for name, version in report["versions"].items()),
    }
    head = {
        "base_model": base["source"],
        "datasets": [plan["dataset"]],
        "library_name": "transformers",
        "license": "other",
        "license_name": base["licence"],
        "pipeline_tag": "text-classification" if report["method"] == "reward" else "text-generation",
        "tags": ["penset", report["method"], plan["adapter"]],
        **held_out(report),
    }
    front = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())  # JSON is YAML
    return f"---\n{front}---\n\n" + BODY.format(
        name=_text(plan["name"]),
        made=MADE[report["method"]],
        base=_text(base["label"]),
        dataset=_text(plan["dataset"]),
        sentence=_text(base["sentence"]),
        sentences=_items(report["sentences"]),
        cautions=_items(report["cautions"]),
        figures="\n\n".join(_figures(report)),
        facts=_items(f"{name}: {value}" for name, value in facts.items()),
        plan=json.dumps(plan, indent=2).replace("`", "\\u0060"),
        licence=_text(base["licence"]),
    )


def held_out(report: Report) -> dict[str, Any]:
    """The figures on prompts never seen, as a hub shows them (`model-index`); nothing where there are none."""
    of = report["splits"].get("test")
    if of is None:
        return {}
    plan = report["plan"]
    loss = of["loss_after"]
    figures = (
        ("loss", "Negative log-likelihood, nats a response token", loss),
        ("perplexity", "Perplexity of a response token", math.exp(min(loss, 100.0))),
    )
    result = {
        "task": {"type": "text-generation"},
        "dataset": {"type": "penset", "name": plan["dataset"] or "not named", "split": "test"},
        "metrics": [{"type": kind, "name": name, "value": round(value, 4)} for kind, name, value in figures],
    }
    return {"model-index": [{"name": plan["name"] or "not named", "results": [result]}]}


def write_sums(folder: Path) -> None:
    """The SHA-256 of each file of a model's folder, last of all; whole or not at all."""
    lines = []
    for path in sorted(path for path in folder.iterdir() if path.name != SUMS):
        with path.open("rb") as file:
            lines.append(f"{file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    part = folder.with_name(f"{SUMS}.part")
    part.write_text("".join(lines), "utf-8")
    part.replace(folder / SUMS)


def read_sums(text: str) -> dict[str, str]:
    """Hashes by file name."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())}


def _figures(report: Report) -> Iterator[str]:
    """A table for each kind of figure that the report has."""
    if report["splits"]:
        sides = [
            [
                side,
                f"{of['prompts']:,}",
                f"{of['loss_before']:.3f}",
                f"{of['loss_after']:.3f}",
                _interval(of["change"], "+"),
            ]
            for side, of in report["splits"].items()
        ]
        yield _table("side | prompts | loss before | loss after | change, 95 % interval", sides)
        yield "Losses are nats a response token."
    if report["ranking"]:
        rows = ([one["says"], f"{one['pairs']:,}", _interval(one["accuracy"])] for one in report["ranking"]["rows"])
        yield _table("who puts the chosen response first | held-out pairs | share, 95 % interval", rows)
    if report["policy"]:
        answers = (
            [one["by"], *("" if (of := one[key]) is None else _interval(of) for key in FIGURES)]
            for one in report["policy"]["rows"]
        )
        yield _table("answers of | reward | second reward | KL to the reference | tokens | ended by itself", answers)


def _table(head: str, rows: Iterable[Sequence[str]]) -> str:
    rule = "|".join(["---"] * (head.count("|") + 1))
    return "\n".join([f"| {head} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_text(line)}" for line in lines)


def _text(line: str) -> str:
    """What people named, as text: never a heading, a link or HTML."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in " ".join(line.split()))


def _interval(estimate: Estimate, sign: str = "-") -> str:
    """`sign`: "+" for a change, which shows it always."""
    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    if low is None or high is None:
        return f"{value:{sign}.3f}, too few to say"
    return f"{value:{sign}.3f}, {low:{sign}.3f} to {high:{sign}.3f}"
