"""How is a figure drawn? Geometry only: numbers in, shapes of an SVG out, for `templates/components/chart.html`.

Every chart is a `Drawing`: strokes, boxes, dots and texts in the units of its own view box. The macro `drawing` writes
them down and computes nothing. Before is hollow, after is solid, not (yet) earned is hatched: readable without colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, isfinite, log10


@dataclass(frozen=True)
class Stroke:
    """A path: `d` as SVG says it, `kind` the CSS classes that draw it."""

    d: str
    kind: str


@dataclass(frozen=True)
class Box:
    """A rectangle. Lengths are SVG numbers as text."""

    x: str
    y: str
    width: str
    height: str
    kind: str


@dataclass(frozen=True)
class Dot:
    """A circle. `dot` is solid, `dot-open` hollow, `dot dot-ink` in ink."""

    x: str
    y: str
    r: str
    kind: str = "dot"


@dataclass(frozen=True)
class Label:
    """Words in a drawing. `kind`: "" quiet, `strong` in ink, `say` bold: the finding."""

    x: str
    y: str
    text: str
    anchor: str = "middle"
    kind: str = ""


@dataclass(frozen=True)
class Drawing:
    """A whole picture: `label` is what a screen reader hears, and tells the finding, not the kind of chart."""

    label: str
    view: str
    kind: str = "chart"
    stretched: bool = False
    strokes: tuple[Stroke, ...] = ()
    boxes: tuple[Box, ...] = ()
    dots: tuple[Dot, ...] = ()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Table:
    """The numbers behind a drawing, already in words. The first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Interval:
    """A figure with the ends of its 95 % interval, all three in the unit of the axis."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scale:
    """A straight line from data to the page."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where `value` stands on the page. Everything stands at the start when the data has no width."""
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def number(value: float) -> str:
    """A length for an SVG attribute: one decimal, no trailing zero, never in exponents."""
    return f"{value:.1f}".removesuffix(".0")


def said(value: float, places: int = 0) -> str:
    """A figure for people: 1,164 or 0.95."""
    return f"{value:,.{places}f}"


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """About `wanted` round values within low…high, in steps of 1, 2 or 5 times a power of ten."""
    if not (isfinite(low) and isfinite(high)) or high <= low:
        return [low] if isfinite(low) else []
    rough = (high - low) / wanted
    power: float = 10.0 ** floor(log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda factor: abs(log10(factor * power / rough)))
    first = -floor(-low / step + 1e-9)
    last = floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def places_of(values: Sequence[float]) -> int:
    """How many decimals tell these ticks apart: 0 to 3."""
    for places in range(3):
        if all(abs(value - round(value, places)) < 1e-9 for value in values):
            return places
    return 3


def path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points of the page, as the `d` of an SVG path."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) if points else ""


def band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]]) -> str:
    """The closed shape between two lines over the same x."""
    return path([*high, *reversed(low)]) + "Z" if low and high else ""


def whisker(start: float, end: float, y: float, size: float = 5) -> str:
    """A flat interval with a cap at each end."""
    caps = "".join(f"M{number(x)} {number(y - size)}V{number(y + size)}" for x in (start, end))
    return f"M{number(start)} {number(y)}H{number(end)}{caps}"


@dataclass(frozen=True)
class Series:
    """One line of a chart of lines.

    `kind`: "seen" (ink), "unseen" (accent), "faint" (raw values behind), "forecast" (accent, dashed), "other-1" to
    "other-5" (ink, each dashed in its own way).
    `said` stands at its last point; `intervals` (low, high), one for each point, draw the band.
    """

    name: str
    points: Sequence[tuple[float, float]]
    kind: str = "unseen"
    dotted: bool = False
    said: str = ""
    intervals: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Marks:
    """What stands on the axes: ready-made names for x, a vertical guide, a horizontal target. `None`: not drawn."""

    x: Sequence[tuple[float, str]] | None = None
    guide: tuple[float, str] | None = None
    target: tuple[float, str] | None = None


KINDS = {
    "seen": "line",
    "unseen": "line line-accent",
    "faint": "line line-faint",
    "forecast": "line line-accent line-dash",
} | {f"other-{number}": f"line line-{number}" for number in range(1, 6)}
LINE = {True: 22, False: 15}  # what one line of words takes in a wide chart, whose letters a phone enlarges, and else
SIZES = {"": (490, 210, "chart"), "l": (680, 300, "chart chart-l"), "s": (288, 120, "chart chart-s")}
NO_MARKS = Marks()


@dataclass
class Canvas:
    """Shapes gathered so far, and the two scales that place them."""

    x: Scale
    y: Scale
    strokes: list[Stroke] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def stroke(self, d: str, kind: str) -> None:
        """Draw a path, if there is anything of it."""
        if d:
            self.strokes.append(Stroke(d, kind))

    def write(self, x: float, y: float, text: str, anchor: str = "middle", kind: str = "") -> None:
        """Put words at a point of the page."""
        self.labels.append(Label(number(x), number(y), text, anchor, kind))


def lines(label: str, series: Sequence[Series], marks: Marks = NO_MARKS, *, size: str = "") -> Drawing:
    """Lines over one x, with bands where a series has intervals. `size`: "" half a page, "l" wide, "s" aside."""
    width, height, kind = SIZES[size]
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    ys += [end for one in series for pair in one.intervals for end in pair]
    ys += [marks.target[0]] if marks.target else []
    if not xs:
        return Drawing(label, f"0 0 {width} {height}", kind)
    right = width - _space_for(series, letter=10 if size == "l" else 7)
    x = Scale(min(xs), max(xs), 44, right)
    y = Scale(*_room(min(ys), max(ys)), height - 30, 20)
    canvas = Canvas(x, y)
    _grid(canvas, right)
    _marks(canvas, marks, right, whole=all(value == int(value) for value in xs))
    for one in series:
        _series(canvas, one)
    _ends(canvas, series, LINE[size == "l"])
    return Drawing(
        label,
        f"0 0 {width} {height}",
        kind,
        strokes=tuple(canvas.strokes),
        dots=tuple(canvas.dots),
        labels=tuple(canvas.labels),
    )


def _space_for(series: Sequence[Series], letter: int) -> int:
    """How much the words at the lines' ends need; on a phone the letters of a wide chart are larger."""
    return max([10, *(14 + letter * len(one.said) for one in series if one.said)])


def _room(low: float, high: float) -> tuple[float, float]:
    """A little air above and below the data; never below zero when nothing is."""
    air = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return (max(low - air, 0.0) if low >= 0 else low - air), high + air


def _grid(canvas: Canvas, right: float) -> None:
    values = ticks(canvas.y.low, canvas.y.high)
    places = places_of(values)
    for value in values:
        height = canvas.y(value)
        canvas.stroke(f"M{number(canvas.x.start)} {number(height)}H{number(right)}", "grid")
        canvas.write(canvas.x.start - 8, height + 4, said(value, places), "end")
    canvas.stroke(f"M{number(canvas.x.start)} {number(canvas.y.start)}H{number(right)}", "axis")


def _marks(canvas: Canvas, marks: Marks, right: float, whole: bool) -> None:
    bottom = canvas.y.start
    named = marks.x
    if named is None:
        values = [value for value in ticks(canvas.x.low, canvas.x.high) if not whole or value == int(value)]
        named = [(value, said(value, places_of(values))) for value in values]
    for value, name in named:
        canvas.write(canvas.x(value), bottom + 20, name)
    if marks.guide:
        place = canvas.x(marks.guide[0])
        canvas.stroke(f"M{number(place)} 20V{number(bottom)}", "guide")
        canvas.write(place, 14, marks.guide[1], kind="strong")
    if marks.target:
        height = canvas.y(marks.target[0])
        canvas.stroke(f"M{number(canvas.x.start)} {number(height)}H{number(right)}", "guide")
        canvas.write(canvas.x.start, height - 7, marks.target[1], "start", "strong")


def _series(canvas: Canvas, one: Series) -> None:
    placed = [(canvas.x(x), canvas.y(y)) for x, y in one.points]
    if one.intervals:
        low, high = ([canvas.y(pair[end]) for pair in one.intervals] for end in (0, 1))
        across = [x for x, _ in placed]
        canvas.stroke(band(list(zip(across, low, strict=True)), list(zip(across, high, strict=True))), "band")
    canvas.stroke(path(placed), KINDS[one.kind])
    if one.dotted:
        canvas.dots += [Dot(number(x), number(y), "4") for x, y in placed]


def _ends(canvas: Canvas, series: Sequence[Series], line: int) -> None:
    """What stands at the lines' ends, moved down where two would stand over each other, then up off the axis."""
    ends = [
        (canvas.y(one.points[-1][1]) + 4, canvas.x(one.points[-1][0]) + 10, one.said) for one in series if _says(one)
    ]
    ends.sort()
    heights: list[float] = []
    for height, _, _ in ends:
        heights.append(max(height, heights[-1] + line) if heights else height)
    below = canvas.y.start
    for at in reversed(range(len(heights))):
        heights[at] = min(heights[at], below)
        below = heights[at] - line
    for (_, x, words), height in zip(ends, heights, strict=True):
        canvas.write(x, height, words, "start", "say")


def _says(one: Series) -> bool:
    return bool(one.said and one.points)
