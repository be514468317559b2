"""A report made ready for the page: the finding in a sentence, the pictures, the tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Interval, Table
from app.core.figures import Change, Multiple, before_after, multiples, taught
from app.evaluation.answering import behaviour_drawing, behaviour_table, recital_sentences, recital_table
from app.evaluation.by_epoch import LONG, curve_drawing, epoch_drawing, epoch_legend, epoch_table
from app.evaluation.growing import NoGrowth, growth_drawing, growth_finding, growth_note, growth_table, no_growth
from app.evaluation.said import estimate, interval_at
from app.training.curves import finding_of
from app.training.worker.estimate import Estimate
from app.training.worker.report import SEEN, BySize, CategoryNumbers, KindNumbers, NearDuplicate, Report

UNIT = "nats a response token"
UNSURE = "not told from chance"
SHARES = (
    (0.08, "little"),
    (0.17, "an eighth"),
    (0.29, "a quarter"),
    (0.365, "a third"),
    (0.45, "two fifths"),
    (0.55, "half"),
    (0.63, "three fifths"),
    (0.71, "two thirds"),
    (0.85, "three quarters"),
)


@dataclass(frozen=True)
class TaughtBar:
    """The one bar: what carries over to prompts never seen, and what was gained only on those seen, with what each may
    be called."""

    drawing: Drawing
    carried: str
    carried_is: str
    only_seen: str
    only_seen_is: str
    note: str


@dataclass(frozen=True)
class Growth:
    """Is more writing worth it: the finding, its picture, its numbers, and how it was measured."""

    finding: str
    drawing: Drawing
    table: Table
    note: str


@dataclass(frozen=True)
class Reading:
    """What the report's page shows, in words and drawings."""

    title: str
    bar: TaughtBar | None
    gap: str
    change: Drawing | None
    change_table: Table
    curve: Drawing | None
    turn: str
    epochs: Drawing | None
    epoch_legend: Sequence[tuple[str, str]]
    epoch_table: Table | None
    growth: Growth | None
    no_growth: NoGrowth
    behaviour: Drawing | None
    behaviour_table: Table
    recital: Sequence[str]
    recital_table: Table | None
    contaminated: Table | None
    categories: Sequence[tuple[CategoryNumbers, Drawing]]
    category_table: Table


def read(report: Report) -> Reading:
    """The whole page of one report."""
    return Reading(
        title=title_of(report),
        bar=taught_bar(report),
        gap="" if report["contaminated"] else gap_sentence(report["gap"]),
        change=change_drawing(report) if report["splits"] else None,
        change_table=change_table(report),
        curve=curve_drawing(report),
        turn=finding_of(report["curve"]),
        epochs=epoch_drawing(report),
        epoch_legend=epoch_legend(report),
        epoch_table=epoch_table(report["epochs"]),
        growth=growth_of(report["by_size"]),
        no_growth=no_growth(report),
        behaviour=behaviour_drawing(report["behaviour"]),
        behaviour_table=behaviour_table(report["behaviour"]),
        recital=recital_sentences(report["recital"]),
        recital_table=recital_table(report["recital"]),
        contaminated=contaminated_table(report["contaminated"]),
        categories=category_drawings(report),
        category_table=category_table(report["categories"], kinds_of(report)),
    )


def growth_of(by_size: BySize | None) -> Growth | None:
    """What the curve over dataset size says, where it was asked for."""
    if by_size is None:
        return None
    return Growth(growth_finding(by_size), growth_drawing(by_size), growth_table(by_size), growth_note(by_size))


def title_of(report: Report) -> str:
    """The finding. It claims nothing that the interval does not hold."""
    if report["contaminated"]:
        return "This report refuses: test prompts stand among the training rows."
    splits, gap = report["splits"], report["gap"]
    if "test" not in splits or "train" not in splits or gap is None:
        return "There were too few prompts to say what it learned."
    change = splits["test"]["change"]
    if change["high"] is None or change["low"] is None:
        return "There were too few unseen prompts to say what it learned."
    if change["low"] > 0:
        return "It answers prompts that it never saw worse than before."
    if change["high"] >= 0:
        return "On prompts that it never saw, no change can be told from chance."
    if gap["low"] is not None and gap["low"] > 0:
        share = gap["value"] / -splits["train"]["change"]["value"] if splits["train"]["change"]["value"] < 0 else 1.0
        return f"It learned to answer, but {part(share)} of what it gained stays with prompts that it has seen."
    return "It learned to answer, and no memorising can be told from chance."


def part(share: float) -> str:
    """A share in words that a person reads at a glance."""
    for limit, words in SHARES:
        if share < limit:
            return words
    return "most"


def gap_sentence(gap: Estimate | None) -> str:
    """The overfitting gap in a sentence, with its interval."""
    if gap is None:
        return "The gap needs prompts of both the train and the test split."
    if gap["low"] is None or gap["high"] is None:
        return f"The gap changed by {gap['value']:+.2f} {UNIT}; there are too few prompts for an interval."
    return (
        f"Between seen and unseen prompts the gap changed by {gap['value']:+.2f} {UNIT} "
        f"(95 % interval {gap['low']:+.2f} to {gap['high']:+.2f}): what training gained on prompts it saw beyond "
        "what it gained on prompts it never saw."
    )


def taught_bar(report: Report) -> TaughtBar | None:
    """What was gained on seen prompts, divided at what was gained on unseen ones; None where nothing was gained.

    A part is called taught or memorised only where its interval leaves zero out, as the title does.
    """
    splits, gap = report["splits"], report["gap"]
    if "test" not in splits or "train" not in splits:
        return None
    seen, unseen = -splits["train"]["change"]["value"], splits["test"]["change"]
    if seen <= 0 or unseen["value"] >= 0 or unseen["low"] is None or unseen["high"] is None:
        return None
    carried = Interval(-unseen["value"], -unseen["high"], -unseen["low"])
    only_seen = max(seen - carried.value, 0.0)
    label = f"{carried.value:.2f} gained on prompts never seen, {only_seen:.2f} more only on those seen"
    note = (
        f"The whisker is the 95 % interval of the border, {carried.low:.2f} to {carried.high:.2f}. Loss on the human "
        f"responses in {UNIT}, {splits['test']['prompts']} prompts of the test split and "
        f"{splits['train']['prompts']} of the train split; intervals over prompts."
    )
    return TaughtBar(
        drawing=taught(label, carried, seen),
        carried=f"{carried.value:.2f}",
        carried_is="taught" if carried.low > 0 else UNSURE,
        only_seen=f"{only_seen:.2f}",
        only_seen_is="memorised" if gap and gap["low"] is not None and gap["low"] > 0 else UNSURE,
        note=note,
    )


def change_drawing(report: Report) -> Drawing:
    """Loss before and after, side by side of what was and was not seen."""
    changes, words = [], []
    for split, name in LONG.items():
        if split in report["splits"]:
            numbers = report["splits"][split]
            before, after = numbers["loss_before"], numbers["loss_after"]
            changes.append(
                Change(name, Interval(before, before, before), interval_at(after, numbers["change"]), split == SEEN)
            )
            words.append(f"{name} from {before:.2f} to {after:.2f}")
    return before_after("Loss on human responses: " + ", ".join(words), changes, places=2)


def change_table(report: Report) -> Table:
    """The same as numbers."""
    rows = tuple(
        (
            LONG[split],
            str(numbers["prompts"]),
            f"{numbers['loss_before']:.3f}",
            f"{numbers['loss_after']:.3f}",
            estimate(numbers["change"]),
            f"{numbers['perplexity_before']:,.1f}",
            f"{numbers['perplexity_after']:,.1f}",
            estimate(report["gaps"][split]) if split in report["gaps"] else "–",
        )
        for split in LONG
        if (numbers := report["splits"].get(split))
    )
    head = (
        "Prompts", "How many", "Loss before", "Loss after", "Change, 95 %", "Perplexity before", "Perplexity after",
        "Gap to seen, 95 %",
    )  # fmt: skip
    return Table("Loss before and after", head, rows)


def category_drawings(report: Report) -> list[tuple[CategoryNumbers, Drawing]]:
    """Small pictures of unseen prompts beside seen ones, one a category, on one scale."""
    shown, kinds = list(report["categories"]), kinds_of(report)
    pictures = [category_picture(one, kinds.get(one["category"])) for one in shown]
    return list(zip(shown, multiples(pictures, places=1), strict=True))


def kinds_of(report: Report) -> dict[str, KindNumbers]:
    """What is known of each category beyond its test prompts; nothing in a report of an older Penset."""
    return {one["category"]: one for one in report["kinds"] or []}


def category_picture(one: CategoryNumbers, kind: KindNumbers | None) -> Multiple:
    """One category: before and after, on prompts that it never saw, and after on those that it saw."""
    seen = kind["seen"]["value"] if kind and kind["seen"] else None
    said = f"before {one['loss_before']:.1f}, after {one['loss_after']:.1f} on never seen prompts"
    return Multiple(
        f"{one['category']}: {said}" + ("" if seen is None else f", {seen:.1f} on seen ones"),
        before=one["loss_before"],
        seen=seen,
        unseen=interval_at(one["loss_after"], one["change"]),
        few=one["few"],
    )


def category_table(categories: Sequence[CategoryNumbers], kinds: Mapping[str, KindNumbers]) -> Table:
    """Unseen prompts by category, and the gap of each to what was seen of it."""
    rows = tuple(
        (
            one["category"],
            str(one["prompts"]),
            f"{one['loss_before']:.2f}",
            f"{one['loss_after']:.2f}",
            "too few to say" if one["few"] else estimate(one["change"]),
            gap_of(kinds.get(one["category"])),
        )
        for one in categories
    )
    head = ("Category", "Prompts", "Before", "After", "Change, 95 %", "Gap to seen, 95 %")
    return Table("Unseen prompts by category", head, rows)


def gap_of(kind: KindNumbers | None) -> str:
    """The gap of one category, as in the report's; a dash where none of its prompts were seen, or it was not kept."""
    if kind is None or kind["gap"] is None:
        return "–"
    return "too few to say" if kind["gap"]["low"] is None else estimate(kind["gap"])


def contaminated_table(contaminated: Sequence[NearDuplicate]) -> Table | None:
    """The rows because of which a report refuses."""
    if not contaminated:
        return None
    rows = tuple((one["id"], one["split"], one["train_id"], f"{one['percent']} %") for one in contaminated)
    return Table("Rows that ask nearly the same", ("Test row", "File", "Training row", "In common"), rows)
