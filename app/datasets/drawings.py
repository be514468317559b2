"""What is drawn of versions: how they grew, and what happened from one to another."""

from collections.abc import Sequence

from app.core.charts import Box, Drawing, Marks, Scale, Series, lines, number
from app.datasets.diff.changes import Counts, Kind


def growth_of(points: Sequence[tuple[int, int]]) -> Drawing | None:
    """Rows by the number of the version, from two versions on."""
    if len(points) < 2:
        return None
    said = ", ".join(f"{count:,}" for _, count in points)
    series = Series("rows", points, "unseen", dotted=True, said=f"{points[-1][1]:,}")
    return lines(f"Rows by version: {said}", [series], Marks(x=[(x, str(x)) for x, _ in points]), size="s")


def was_and_is(counts: Counts) -> tuple[Drawing, Drawing]:
    """Two bars on one scale: what the older version held and lost, what the newer one holds and won."""
    same, changed, added, removed = (counts.all(kind) for kind in ("same", Kind.CHANGED, Kind.ADDED, Kind.REMOVED))
    kept = same + changed
    whole = max(kept + max(added, removed), 1)
    lost = f"{kept + removed:,} rows, {removed:,} of them removed since"
    won = f"{kept + added:,} rows: {same:,} as they were, {changed:,} changed, {added:,} added"
    was = bar(lost, whole, [(kept, "fill-soft"), (removed, "gone")])
    now = bar(won, whole, [(same, "fill-soft"), (changed, "fill-hatch"), (added, "fill")])
    return was, now


def bar(label: str, whole: int, parts: Sequence[tuple[int, str]]) -> Drawing:
    """Parts of a whole, one after another."""
    x = Scale(0, whole, 0, 1000)
    boxes: list[Box] = []
    start = 0
    for size, kind in parts:
        if size:
            boxes.append(Box(number(x(start)), "0.5", number(x(start + size) - x(start)), "9", kind))
        start += size
    return Drawing(label, "0 0 1000 10", "chart-bar", stretched=True, boxes=tuple(boxes))
