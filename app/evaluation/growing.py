"""Is more writing worth it? The unseen loss over dataset size, as a drawing, a table and words. Pure."""

from app.core.charts import Drawing, Marks, Series, Table, lines
from app.evaluation.said import estimate, within
from app.training.worker.estimate import Estimate
from app.training.worker.report import BySize

CAUTION = (
    "What lies past the last size was not measured: it is the curve a + b / n^c through three sizes, whose interval "
    "holds the choice of prompts, of seeds and of c, and not that the next rows may be of another kind."
)


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
        f"and its model is {which}. {CAUTION}"
    )


def _ends(one: Estimate) -> tuple[float, float]:
    return one["value"] if one["low"] is None else one["low"], one["value"] if one["high"] is None else one["high"]
