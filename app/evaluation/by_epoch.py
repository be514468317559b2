"""When did memorising begin? Losses against epochs, as drawings and as a table. Pure."""

from collections.abc import Sequence

from app.core.charts import Drawing, Marks, Series, Table, lines
from app.evaluation.said import estimate, interval_at
from app.training.curves import best_step
from app.training.worker.report import SEEN, EpochNumbers, Report

SHORT = {"train": "seen", "test": "never seen", "test_writers": "writers", "test_categories": "kinds"}
LONG = {
    "train": "seen in training",
    "test": "never seen",
    "test_writers": "never seen, by held-out writers",
    "test_categories": "never seen, of held-out categories",
}
KINDS = {"train": "seen", "test": "unseen", "test_writers": "other-2", "test_categories": "other-3"}
LEAST = 3  # points: two are drawn as before and after anyway


def curve_drawing(report: Report) -> Drawing | None:
    """Validation loss against epochs beside train loss: where it turns, memorising begins by loss."""
    train = [(p["epoch"], p["train_loss"]) for p in report["curve"] if p["train_loss"] is not None]
    held = [(p["epoch"], p["validation_loss"]) for p in report["curve"] if p["validation_loss"] is not None]
    if len(train) < 2 or len(held) < 2:
        return None
    series = [
        Series("train", train, "seen"),
        Series("validation", held, "unseen", dotted=True, said=f"{held[-1][1]:.2f}"),
    ]
    ends = f"train ends at {train[-1][1]:.2f}, validation at {held[-1][1]:.2f}"
    return lines(f"Loss by epoch: {ends}", series, Marks())


def epoch_drawing(report: Report) -> Drawing | None:
    """Each side's loss at the ends of epochs; None where there was only one. The band is that of the test rows."""
    epochs = report["epochs"]
    if len(epochs) < LEAST:
        return None
    series = []
    for side in (side for side in KINDS if side in epochs[0]["sides"]):
        numbers = [(one["epoch"], one["sides"][side]) for one in epochs]
        whiskers = [interval_at(at["loss"], at["change"]) for _, at in numbers] if side == "test" else []
        series.append(
            Series(
                SHORT[side],
                [(epoch, at["loss"]) for epoch, at in numbers],
                KINDS[side],
                dotted=side in (SEEN, "test"),
                said=SHORT[side],
                intervals=[(one.low, one.high) for one in whiskers],
            )
        )
    ends = ", ".join(f"{SHORT[side]} {at['loss']:.2f}" for side, at in epochs[-1]["sides"].items())
    return lines(f"Loss on human responses at the ends of epochs; the last: {ends}", series, turning(report), size="l")


def turning(report: Report) -> Marks:
    """A guide where validation was lowest, unless that was at the end."""
    best = best_step(report["curve"])
    behind = report["plan"].get("began_at", 0.0)
    where = [behind + point["epoch"] for point in report["curve"] if point["step"] == best]
    if not where or best == report["curve"][-1]["step"]:
        return Marks()
    return Marks(guide=(where[0], "validation turns"))


def epoch_table(epochs: Sequence[EpochNumbers]) -> Table | None:
    """The same as numbers, with the gap of every epoch and its interval."""
    if len(epochs) < LEAST:
        return None
    sides = [side for side in KINDS if side in epochs[0]["sides"]]
    rows = tuple(
        (
            f"{one['epoch']:g}",
            *(f"{one['sides'][side]['loss']:.3f}" for side in sides),
            estimate(one["gap"]) if one["gap"] and one["epoch"] else "–",
        )
        for one in epochs
    )
    return Table("Loss by epoch", ("Epoch", *(SHORT[side] for side in sides), "Gap, 95 %"), rows)


def epoch_legend(report: Report) -> list[tuple[str, str]]:
    """How each side is drawn."""
    sides = report["epochs"][0]["sides"] if report["epochs"] else {}
    return [(KINDS[side], LONG[side]) for side in KINDS if side in sides]
