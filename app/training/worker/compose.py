"""How the numbers of a run become its report. Pure: what was measured goes in, `report.json` comes out."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TypedDict

from app.training.worker.events import Point
from app.training.worker.measure import Measured, Watched
from app.training.worker.plan import Plan
from app.training.worker.report import (
    FEW,
    SCHEMA,
    BaseModelFacts,
    CategoryNumbers,
    Report,
    RowNumbers,
    Sample,
    SplitNumbers,
)
from app.training.worker.rows import Row, Rows
from app.training.worker.statistics import by_prompt, change, gap
from app.training.worker.words import cautions, sentences

HIGHEST_LOSS = 700.0  # above it, a perplexity does not fit a float


class Machine(TypedDict):
    """What the run cost, and what it left."""

    model_sha256: str
    trained_parameters: int
    seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]


def compose(
    plan: Plan,
    base: BaseModelFacts,
    data: Rows,
    watched: Watched,
    *,
    before: Measured,
    after: Measured,
    curve: list[Point],
    machine: Machine,
) -> Report:
    """The whole report of a finished run."""
    rows = [
        *_numbers(watched.seen, before.seen, after.seen),
        *_numbers(watched.unseen, before.unseen, after.unseen),
    ]
    sides = {split: found for split in ("train", "test") if (found := [r for r in rows if r["split"] == split])}
    splits = {split: _split(found) for split, found in sides.items()}
    overfitting = gap(by_prompt(sides["train"]), by_prompt(sides["test"])) if len(sides) == 2 else None
    categories = _by_category(sides.get("test", []))
    samples = _samples(watched.sampled, before, after)
    return {
        "schema": SCHEMA,
        "made_at": datetime.now(UTC).isoformat(),
        "plan": asdict(plan),
        "base_model": base,
        "files": data.files,
        "left_out": data.left_out,
        "splits": splits,
        "gap": overfitting,
        "categories": categories,
        "curve": curve,
        "samples": samples,
        "rows": rows,
        "sentences": sentences(base, splits, overfitting, categories, samples),
        "cautions": cautions(base, splits, data.files, data.left_out, _shared(data)),
        **machine,
    }


def _numbers(rows: Sequence[Row], before: Sequence[float], after: Sequence[float]) -> Iterator[RowNumbers]:
    for row, loss_before, loss_after in zip(rows, before, after, strict=True):
        yield {
            "split": row.split,
            "id": row.id,
            "prompt_id": row.prompt_id,
            "category": row.category,
            "tokens": row.encoded.learned,
            "loss_before": loss_before,
            "loss_after": loss_after,
        }


def _split(rows: Sequence[RowNumbers]) -> SplitNumbers:
    prompts = by_prompt(rows)
    before, after = (float(losses.sum() / prompts.tokens.sum()) for losses in (prompts.before, prompts.after))
    return {
        "rows": len(rows),
        "prompts": len(prompts),
        "tokens": int(prompts.tokens.sum()),
        "loss_before": before,
        "loss_after": after,
        "perplexity_before": math.exp(min(before, HIGHEST_LOSS)),
        "perplexity_after": math.exp(min(after, HIGHEST_LOSS)),
        "change": change(prompts),
    }


def _by_category(rows: Sequence[RowNumbers]) -> list[CategoryNumbers]:
    found: list[CategoryNumbers] = []
    for category in sorted({row["category"] for row in rows}):
        numbers = _split([row for row in rows if row["category"] == category])
        found.append(
            {
                "category": category,
                "prompts": numbers["prompts"],
                "few": numbers["prompts"] < FEW,
                "loss_before": numbers["loss_before"],
                "loss_after": numbers["loss_after"],
                "change": numbers["change"],
            }
        )
    return found


def _samples(rows: Sequence[Row], before: Measured, after: Measured) -> list[Sample]:
    return [
        {
            "split": row.split,
            "id": row.id,
            "prompt_id": row.prompt_id,
            "category": row.category,
            "messages": row.prompt,
            "human": row.response,
            "before": first.text,
            "before_ended": first.ended,
            "after": second.text,
            "after_ended": second.ended,
        }
        for row, first, second in zip(rows, before.answers, after.answers, strict=True)
    ]


def _shared(data: Rows) -> int:
    trained_on = [row.prompt for row in data.train]
    return sum(row.prompt in trained_on for row in data.test)
