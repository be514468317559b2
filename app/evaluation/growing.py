"""Is more writing worth it? The unseen loss over dataset size, as a drawing, a table and words. Pure."""

from typing import NamedTuple

from app.core.charts import Drawing, Marks, Series, Table, lines
from app.evaluation.said import estimate, within
from app.training.worker.estimate import FEW, LEAST_ROWS, Estimate
from app.training.worker.report import BySize, Report

CAUTION = (
    "What lies past the last size was not measured: it is the curve a + b / n^c through three sizes, whose interval "
    "holds the choice of prompts, of seeds and of c, and not that the next rows may be of another kind."
)
ENOUGH = 3  # seeds


class NoGrowth(NamedTuple):
    """Why a report has no such curve, and whether the run repeated would have one."""

    why: str
    by_repeat: bool = False


def no_growth(report: Report) -> NoGrowth:
    """Of a report without the curve."""
    plan = report["plan"]
    if plan.get("curve_seeds"):
        return NoGrowth(
            f"It was asked for, and there is none: it takes {LEAST_ROWS} rows to train on, {FEW} prompts never seen of "
            "which none asks what a training row asks, and the memory to train again, of which the run's log tells."
        )
    if begins_from := plan.get("begins_from"):
        return NoGrowth(
            f"This run goes on from {begins_from}, to which no part of the rows is new. Ask a run of the base model."
        )
    return NoGrowth("This run did not ask.", by_repeat=True)


def growth_finding(by_size: BySize) -> str:
    """What another doubling is expected to bring. It claims nothing that the interval does not hold."""
    half, whole = by_size["sizes"][-2:]
    twice, change = 2 * whole["rows"], by_size["next"]
    step = f"from {half['rows']:,} to {whole['rows']:,} rows"
    last = f"The last doubling, {step}, changed it by {estimate(by_size['last'])}."
    expected = (
        f"{twice:,} rows instead of {whole['rows']:,} are expected to change the unseen loss by {estimate(change)}"
    )
    if change["high"] is not None and change["high"] < 0:
        return f"More writing is worth it: {expected}, to {within(by_size['at'])}. {last}"
    if change["low"] is not None and change["low"] > 0:
        return f"More of the same is not expected to help: {expected}, to {within(by_size['at'])}. {last}"
    return f"Whether more writing is worth it cannot be told from chance: {expected}. {last}"


def growth_drawing(by_size: BySize) -> Drawing:
    """The measured sizes, and the doubling that is expected dashed, each in its 95 % interval."""
    sizes, at = by_size["sizes"], by_size["at"]
    last = sizes[-1]
    twice = 2 * last["rows"]
    measured = Series(
        "measured",
        [(one["rows"], one["loss"]["value"]) for one in sizes],
        "unseen",
        dotted=True,
        intervals=[_ends(one["loss"]) for one in sizes],
    )
    expected = Series(
        "expected",
        [(last["rows"], last["loss"]["value"]), (twice, at["value"])],
        "forecast",
        said=f"{at['value']:.2f}",
        intervals=[_ends(last["loss"]), _ends(at)],
    )
    told = ", ".join(f"{one['loss']['value']:.2f} at {one['rows']:,}" for one in sizes)
    label = f"Unseen loss by rows trained on: {told}; expected at {twice:,} rows: {at['value']:.2f}"
    names = [(float(rows), f"{rows:,}") for rows in (*(one["rows"] for one in sizes), twice)]
    return lines(label, [measured, expected], Marks(x=names), size="l")


def growth_table(by_size: BySize) -> Table:
    """The same as numbers, seed by seed."""
    rows = [
        (f"{one['rows']:,}", within(one["loss"], 3), ", ".join(f"{loss:.3f}" for loss in one["seeds"]))
        for one in by_size["sizes"]
    ]
    rows.append((f"{2 * by_size['sizes'][-1]['rows']:,}, expected", within(by_size["at"], 3), "–"))
    return Table("Unseen loss over dataset size", ("Rows trained on", "Unseen loss, 95 %", "By seed"), tuple(rows))


def growth_note(by_size: BySize) -> str:
    """How it was measured, and what it cannot say."""
    which = "that of its lowest validation loss" if by_size["chosen"] else "the last"
    seeds = len(by_size["sizes"][0]["seeds"])
    return (
        f"Each point is the mean of {seeds} {'training' if seeds == 1 else 'trainings'} with other seeds, measured on "
        f"{by_size['prompts']:,} prompts never seen. A smaller size is a part of the larger one, has as many steps, "
        f"and its model is {which}. {CAUTION} {_of_seeds(seeds)}"
    )


def _of_seeds(seeds: int) -> str:
    """What so few trainings leave open."""
    if seeds < ENOUGH:
        alone = "A single training shows" if seeds == 1 else f"{seeds} trainings show"
        return f"{alone} hardly how far other seeds would lead, so the interval is too narrow: ask for {ENOUGH}."
    return (
        f"Of {seeds} seeds the interval is rather too narrow: with {ENOUGH}, at least 85 of 100 such intervals held "
        "the truth where it was known, and not quite 95."
    )


def _ends(one: Estimate) -> tuple[float, float]:
    return one["value"] if one["low"] is None else one["low"], one["value"] if one["high"] is None else one["high"]
