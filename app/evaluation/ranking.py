"""How well does a reward model know what people prefer? Its report made ready for the page. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.charts import Drawing, Interval, Marks, Series, Table, lines
from app.core.figures import intervals
from app.evaluation.by_epoch import curve_drawing
from app.training.curves import finding_of
from app.training.worker.estimate import Estimate
from app.training.worker.report import Report
from app.training.worker.report_preferences import Calibration, RankedPart, Ranking

EVEN = 0.5
PAIR = re.compile(r"c([0-9]{1,18})")
HALVES = [(value / 100, f"{value} %") for value in range(50, 101, 10)]


@dataclass(frozen=True)
class Mistake:
    """A held-out row that it put the other way round; `pair_id` where the row is a pair of a version of ours."""

    row: str
    pair_id: int | None
    sure: str


@dataclass(frozen=True)
class RankingRead:
    """What the page of a reward model's report shows, in words and drawings."""

    title: str
    order: Drawing | None
    rows: Table | None
    parts: Sequence[Table]
    calibration: Drawing | None
    calibration_table: Table | None
    mistakes: Sequence[Mistake]
    curve: Drawing | None
    turn: str


def read_ranking(report: Report) -> RankingRead:
    """The whole page of one report."""
    ranking = report["ranking"]
    return RankingRead(
        title=title_of(ranking),
        order=order_drawing(ranking) if ranking else None,
        rows=rows_table(ranking) if ranking else None,
        parts=[
            parts_table(name, parts)
            for name, parts in (("Category", ranking["by_category"]), ("Strength", ranking["by_strength"]))
            if parts
        ]
        if ranking
        else [],
        calibration=calibration_drawing(ranking["calibration"]) if ranking else None,
        calibration_table=calibration_table(ranking["calibration"]) if ranking else None,
        mistakes=mistakes_of(ranking) if ranking else [],
        curve=curve_drawing(report),
        turn=finding_of(report["curve"], "reward"),
    )


def title_of(ranking: Ranking | None) -> str:
    """The finding. It claims nothing that an interval does not hold."""
    if ranking is None:
        return "There was no held-out pair, so nothing can be said of how well it knows what people prefer."
    own = next(row["accuracy"] for row in ranking["rows"] if row["by"] == "model")
    if own["low"] is None or own["high"] is None:
        return "There were too few held-out prompts to say how well it knows what people prefer."
    if own["high"] < EVEN:
        return "It puts first what people did not choose."
    if own["low"] <= EVEN:
        return "On pairs that it never saw, it cannot be told from a coin."
    found = f"On pairs that it never saw, it puts first what people chose in {own['value'] * 100:.0f} %"
    longer = ranking["better_than_length"]
    if longer["low"] is not None and longer["low"] > 0:
        return f"{found}: more often than length alone does."
    return f"{found}; that it knows more than length cannot be told."


def doubt_of(judge: Report | None, name: str) -> str:
    """What is to be known of the reward model that led a policy, before anybody trusts its reward; nothing where it is
    known to tell more than a coin. `judge`: its report, `name`: its run in words."""
    if judge is None:
        return ""
    ranking = judge["ranking"]
    own = next(row["accuracy"] for row in ranking["rows"] if row["by"] == "model") if ranking else None
    if own is None or own["low"] is None:
        why = "was tried on too few held-out prompts to say whether it knows what people prefer"
    elif own["low"] <= EVEN:
        why = "cannot be told from a coin on pairs that it never saw"
    else:
        return ""
    return f"The reward model of {name} {why}. That its reward rises does not mean that people like the answers."


def order_drawing(ranking: Ranking) -> Drawing:
    """Who puts first what people chose, and how often, each with its interval."""
    rows = [(row["says"], interval_of(row["accuracy"], 100)) for row in ranking["rows"]]
    words = ", ".join(f"{name} {one.value:.0f} %" for name, one in rows)
    return intervals(f"Held-out pairs put in people's order: {words}", rows, top=100)


def interval_of(estimate: Estimate, scale: float = 1) -> Interval:
    """An estimate as it is drawn; a bare point where there are too few."""
    low, high = (estimate["value"] if end is None else end for end in (estimate["low"], estimate["high"]))
    return Interval(estimate["value"] * scale, low * scale, high * scale)


def rows_table(ranking: Ranking) -> Table:
    """The same as numbers, and what each goes by."""
    rows = tuple(
        (row["says"], percent(row["accuracy"]), f"{row['pairs']:,}", f"{row['prompts']:,}") for row in ranking["rows"]
    )
    more = (
        ("this model less length alone", percent(ranking["better_than_length"], "+"), "", ""),
        ("this model on pairs that it trained on", percent(ranking["seen"]), "", ""),
    )
    head = ("By", "Of held-out pairs, 95 %", "Pairs", "Prompts")
    return Table("Who puts first what people chose", head, (*rows, *more))


def percent(estimate: Estimate, sign: str = "") -> str:
    """A share in percent with its interval, or that there are too few."""
    value = f"{estimate['value'] * 100:{sign}.0f} %"
    if estimate["low"] is None or estimate["high"] is None:
        return f"{value} (too few for an interval)"
    return f"{value} ({estimate['low'] * 100:{sign}.0f} to {estimate['high'] * 100:{sign}.0f})"


def parts_table(name: str, parts: Sequence[RankedPart]) -> Table:
    """Held-out pairs of each category, or of each strength: how often the model puts them in people's order, beside
    what needs no model, and how sure it was. A report of before tells of the model alone."""
    measured = {
        title: [one.get(key) for one in parts]
        for title, key in (("Length alone", "length"), ("A coin", "random"), ("How sure it was", "sure"))
        if all(key in one for one in parts)
    }
    beside: Iterable[tuple[Any, ...]] = zip(*measured.values(), strict=True) if measured else [()] * len(parts)
    rows = tuple(
        (shown(name, one["name"]), *(told_of(one, each) for each in (one["accuracy"], *others)), f"{one['pairs']:,}",
         f"{one['prompts']:,}")
        for one, others in zip(parts, beside, strict=True)
    )  # fmt: skip
    head = (name, "Put in people's order, 95 %", *measured, "Pairs", "Prompts")
    return Table(f"By {name.lower()}", head, rows)


def told_of(part: RankedPart, estimate: Estimate) -> str:
    """A share of a part, unless that has too few prompts."""
    return "too few to say" if part["few"] else percent(estimate)


def shown(name: str, part: str) -> str:
    """A part as people read it: strengths are stored as one word."""
    return (part.replace("_", " ") if name == "Strength" else part) or "not said"


def calibration_drawing(parts: Sequence[Calibration]) -> Drawing | None:
    """How sure it was against how often it was right; on the straight line it is as sure as it may be."""
    if not parts:
        return None
    points = [(one["expected"], one["right"]["value"]) for one in parts]
    whiskers = [interval_of(one["right"]) for one in parts]
    series = [
        Series("as sure as it is right", [(EVEN, EVEN), (1.0, 1.0)], "faint"),
        Series(
            "right", points, "unseen", dotted=True, said="right", intervals=[(one.low, one.high) for one in whiskers]
        ),
    ]
    last = f"where it gave {points[-1][0]:.0%}, it was right in {points[-1][1]:.0%}"
    return lines(f"How sure it is, and how often it is right: {last}", series, Marks(x=HALVES))


def calibration_table(parts: Sequence[Calibration]) -> Table | None:
    """The same as numbers."""
    if not parts:
        return None
    rows = tuple(
        (f"{one['low'] * 100:.0f} to {one['high'] * 100:.0f} %", f"{one['expected'] * 100:.0f} %",
         percent(one["right"]), f"{one['pairs']:,}")
        for one in parts
    )  # fmt: skip
    return Table("How sure, how often right", ("It was sure by", "On average", "It was right, 95 %", "Pairs"), rows)


def mistakes_of(ranking: Ranking) -> list[Mistake]:
    """The pairs on which it was surest of the response that people did not choose."""
    return [
        Mistake(one["id"], int(pair[1]) if (pair := PAIR.fullmatch(one["id"])) else None, f"{one['sure'] * 100:.0f} %")
        for one in ranking["mistakes"]
    ]
