"""From summed losses to the numbers of a report: by side, by epoch, by category. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence

from app.training.worker.epochs import EpochLosses
from app.training.worker.estimate import FEW, Estimate
from app.training.worker.report import SEEN, UNSEEN, CategoryNumbers, EpochNumbers, RowNumbers, SplitNumbers
from app.training.worker.rows import Row
from app.training.worker.statistics import by_prompt, change, gap

HIGHEST_LOSS = 700.0  # above it, a perplexity does not fit a float
Sides = Mapping[str, Sequence[RowNumbers]]
Losses = Mapping[str, Sequence[float]]


def rows_by_side(rows: Mapping[str, Sequence[Row]], before: Losses, after: Losses) -> dict[str, list[RowNumbers]]:
    """Every measured row with its summed losses before and after."""
    return {side: list(_numbers(held, before[side], after[side])) for side, held in rows.items()}


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


def of_split(rows: Sequence[RowNumbers]) -> SplitNumbers:
    """One side: losses a token, perplexities, and the paired change with its interval."""
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


def gaps_of(sides: Sides) -> dict[str, Estimate]:
    """The overfitting gap of each unseen side to what was seen."""
    if SEEN not in sides:
        return {}
    seen = by_prompt(sides[SEEN])
    return {side: gap(seen, by_prompt(sides[side])) for side in UNSEEN if side in sides}


def by_epoch(
    rows: Mapping[str, Sequence[Row]], before: Losses, between: Sequence[EpochLosses], last: EpochLosses
) -> list[EpochNumbers]:
    """Every side from the base model, epoch 0, over the ends of epochs to the finished model."""
    first: EpochLosses = {"step": 0, "epoch": 0.0, "losses": {side: list(losses) for side, losses in before.items()}}
    return [_at_epoch(rows, before, one) for one in (first, *between, last)]


def _at_epoch(rows: Mapping[str, Sequence[Row]], before: Losses, measured: EpochLosses) -> EpochNumbers:
    sides = rows_by_side(rows, before, measured["losses"])
    numbers = {side: of_split(held) for side, held in sides.items()}
    return {
        "step": measured["step"],
        "epoch": measured["epoch"],
        "sides": {side: {"loss": one["loss_after"], "change": one["change"]} for side, one in numbers.items()},
        "gap": gaps_of(sides).get("test"),
    }


def by_category(rows: Sequence[RowNumbers]) -> list[CategoryNumbers]:
    """Unseen rows, category by category."""
    found: list[CategoryNumbers] = []
    for category in sorted({row["category"] for row in rows}):
        numbers = of_split([row for row in rows if row["category"] == category])
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
