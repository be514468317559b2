"""Which figures does Penset draw? Bars, before and after, taught or memorised, splits, shares and the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.charts import Box, Dot, Drawing, Interval, Label, Scale, Stroke, number, said, ticks, whisker


@dataclass(frozen=True)
class Bar:
    """One column: `solid` is settled, `hatched` stands on top of it and is not settled yet."""

    name: str
    solid: float
    hatched: float = 0


def bars(label: str, columns: Sequence[Bar]) -> Drawing:
    """Columns on one ground line, the sum over each. A column of nothing shows its name alone."""
    step = 280 / max(len(columns), 1)
    height = Scale(0, max([1.0, *(one.solid + one.hatched for one in columns)]), 0, 80)
    boxes: list[Box] = []
    labels: list[Label] = []
    for index, one in enumerate(columns):
        whole, settled = height(one.solid + one.hatched), height(one.solid)
        left, width = number(index * step + step * 0.21), number(step * 0.58)
        if one.hatched:
            boxes.append(Box(left, number(92.5 - whole), width, number(whole - settled), "fill-hatch"))
        if one.solid:
            boxes.append(Box(left, number(92.5 - settled), width, number(settled), "fill"))
        middle = number(index * step + step / 2)
        labels.append(Label(middle, "112", one.name))
        if whole:
            labels.append(Label(middle, number(86 - whole), said(one.solid + one.hatched), kind="strong"))
    ground = (Stroke("M0 92.5h288", "axis"),)
    return Drawing(label, "0 -14 288 134", "chart chart-s", strokes=ground, boxes=tuple(boxes), labels=tuple(labels))


@dataclass(frozen=True)
class Change:
    """One row of before and after. `seen` is drawn in ink, what was never seen in the accent."""

    name: str
    before: Interval
    after: Interval
    seen: bool = False


def before_after(label: str, changes: Sequence[Change], *, places: int = 1) -> Drawing:
    """A hollow dot before, a solid dot after, a whisker for each 95 % interval, all on one axis."""
    ends = [end for one in changes for each in (one.before, one.after) for end in (each.low, each.value, each.high)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    air = (high - low) * 0.05 or 1.0
    x = Scale(low - air, high + air, 6, 481)
    bottom = 16 + 60 * len(changes)
    strokes: list[Stroke] = []
    labels: list[Label] = []
    dots: list[Dot] = []
    marks = ticks(x.low, x.high, 5)
    for value in marks:
        strokes.append(Stroke(f"M{number(x(value))} 12V{bottom}", "grid"))
        labels.append(Label(number(x(value)), str(bottom + 20), f"{value:g}"))
    for index, one in enumerate(changes):
        y = 44 + 60 * index
        start, end = x(one.before.value), x(one.after.value)
        strokes.append(Stroke(f"M{number(start)} {y}H{number(end)}", "line" if one.seen else "line line-accent"))
        strokes += [Stroke(whisker(x(each.low), x(each.high), y), "whisker") for each in (one.before, one.after)]
        dots.append(Dot(number(start), str(y), "5", "dot-open"))
        dots.append(Dot(number(end), str(y), "6", "dot dot-ink" if one.seen else "dot"))
        labels.append(Label("12", str(y - 16), one.name, "start", "strong"))
        labels.append(Label(number(start), str(y + 22), said(one.before.value, places)))
        labels.append(Label(number(end), str(y + 22), said(one.after.value, places), kind="say"))
    return Drawing(
        label,
        f"0 0 490 {bottom + 32}",
        strokes=tuple(strokes),
        dots=tuple(dots),
        labels=tuple(labels),
    )


def intervals(label: str, rows: Sequence[tuple[str, Interval]], *, top: float) -> Drawing:
    """Figures one under another on one axis from nothing, or from what lies below it, to `top`: a dot, and a whisker
    for the 95 % interval, under the name."""
    low = min([0.0, *(one.low for _, one in rows)])
    x = Scale(low, top, 12, 478)
    bottom = 6 + 44 * len(rows)
    marks = ticks(low, top, 5)
    strokes = [Stroke(f"M{number(x(value))} 6V{bottom}", "grid") for value in marks]
    labels = [Label(number(x(value)), str(bottom + 18), f"{value:g}") for value in marks]
    dots: list[Dot] = []
    for index, (name, one) in enumerate(rows):
        y = 34 + 44 * index
        strokes.append(Stroke(whisker(x(one.low), x(one.high), y), "whisker"))
        dots.append(Dot(number(x(one.value)), str(y), "5"))
        labels.append(Label("12", str(y - 12), name, "start", "strong"))
    return Drawing(label, f"0 0 490 {bottom + 26}", strokes=tuple(strokes), dots=tuple(dots), labels=tuple(labels))


def taught(label: str, carried: Interval, gained: float) -> Drawing:
    """One bar of what was gained on seen prompts: solid what carries over, hatched what does not.

    `carried` and `gained` are in the same unit, `gained` above zero. The whisker is the interval of the border.
    What lies outside the bar (carried below nothing or above everything) is drawn at its end.
    """
    x = Scale(0, max(gained, 1e-9), 0, 1000)
    border, low, high = (min(max(x(value), 0), 1000) for value in (carried.value, carried.low, carried.high))
    boxes = [Box("0", "0", number(border), "44", "fill")] if border else []
    if border < 1000:
        boxes.append(Box(number(border + 0.5), "0.5", number(999.5 - border), "43", "fill-hatch"))
    strokes = (Stroke(whisker(low, high, 56) + f"M{number(border)} 51V61", "whisker"),)
    return Drawing(label, "0 0 1000 64", "chart chart-bar", stretched=True, strokes=strokes, boxes=tuple(boxes))


def split(label: str, train: int, validation: int, test: int) -> Drawing:
    """The three splits of a version in one bar: solid, hatched, open."""
    x = Scale(0, max(train + validation + test, 1), 0, 1000)
    first, second = x(train), x(train + validation)
    parts = ((0.0, first, "fill"), (first, second, "fill-hatch"), (second, 1000.0, "fill-open"))
    shown = [(start, end, kind) for start, end, kind in parts if end - start > 4] if train + validation + test else []
    boxes = tuple(Box(number(start + 0.5), "0.5", number(end - start - 3), "15", kind) for start, end, kind in shown)
    return Drawing(label, "0 0 1000 16", "chart split", stretched=True, boxes=boxes)


def share(part: float, whole: float) -> str:
    """The width of a mini bar, 0 to 100: how much of the whole the part is."""
    return number(min(max(part / whole, 0), 1) * 100) if whole > 0 else "0"


@dataclass(frozen=True)
class Multiple:
    """One small picture of a row of alike ones: before and after on prompts never seen, and on seen ones if known."""

    label: str
    before: float
    seen: float | None
    unseen: Interval
    few: bool = False


def multiples(pictures: Sequence[Multiple], *, places: int = 0) -> list[Drawing]:
    """Small pictures on one shared scale, so that they can be compared. `few` rows: the line is dashed."""
    ends = [end for one in pictures for end in (one.before, one.unseen.value, one.unseen.low, one.unseen.high)]
    ends += [one.seen for one in pictures if one.seen is not None]
    y = Scale(min(ends), max(ends), 84, 12) if ends else Scale(0, 1, 84, 12)
    return [_multiple(one, y, places) for one in pictures]


def _multiple(one: Multiple, y: Scale, places: int) -> Drawing:
    before, unseen = y(one.before), y(one.unseen.value)
    cone = f"M12 {number(before)}L160 {number(y(one.unseen.high))}V{number(y(one.unseen.low))}Z"
    strokes = [
        Stroke("M0 8.5h200M0 48.5h200", "grid"),
        Stroke("M0 88.5h200", "axis"),
        Stroke(cone, "band"),
        Stroke(f"M12 {number(before)}L160 {number(unseen)}", "line line-accent" + (" line-dash" if one.few else "")),
    ]
    dots = [Dot("160", number(unseen), "4.5"), Dot("12", number(before), "3.5", "dot-open")]
    labels = []
    away = 0.0
    if one.seen is not None:
        seen = y(one.seen)
        strokes.insert(3, Stroke(f"M12 {number(before)}L160 {number(seen)}", "line"))
        dots.insert(0, Dot("160", number(seen), "4", "dot dot-ink"))
        # Two figures never stand on each other.
        away = (1 if unseen >= seen else -1) * max(0.0, 12 - abs(seen - unseen)) / 2
        labels.append(Label("170", number(seen + 4 - away), said(one.seen, places), "start"))
    labels.append(Label("170", number(unseen + 4 + away), said(one.unseen.value, places), "start", "say"))
    return Drawing(one.label, "0 0 200 96", strokes=tuple(strokes), dots=tuple(dots), labels=tuple(labels))


@dataclass(frozen=True)
class Stage:
    """A room that a text passes: how many stand in it, where to see them, a target if there is one."""

    name: str
    count: int
    note: str
    href: str
    target: int | None = None
    waiting: bool = False


@dataclass(frozen=True)
class Column:
    """A stage as drawn: lengths of 100, for a desk (`top`, `height`) and for a phone (`width`)."""

    stage: Stage
    kind: str
    top: str
    height: str
    width: str
    target_top: str
    target_height: str
    target_width: str


def pipeline(stages: Sequence[Stage]) -> list[Column]:
    """The stages as columns on one ground and one scale; whatever is not nothing shows at least a line."""
    most = max([1, *(one.count for one in stages), *(one.target or 0 for one in stages)])
    return [_column(one, most) for one in stages]


def _column(one: Stage, most: int) -> Column:
    height = max(99 * one.count / most, 1 if one.count else 0)
    target = 99 * (one.target or 0) / most
    lengths = [number(value) for value in (100 - height, height, height, 100 - target, target, target)]
    return Column(one, "fill-soft" if one.waiting else "fill", *lengths)
