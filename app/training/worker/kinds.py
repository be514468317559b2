"""What a run says of each category: how much of it was trained on, its loss unseen and seen, and its gap. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.training.worker.likely import Likely, Measured, likely_gaps
from app.training.worker.report import SEEN, BySize, KindGrowth, KindNumbers, RowNumbers
from app.training.worker.rows import Rows
from app.training.worker.statistics import Prompts, by_prompt, gap, loss

PLAIN = "test"  # held-out writers and categories are no yardstick for what to write


def by_kind(
    data: Rows,
    sides: Mapping[str, Sequence[RowNumbers]],
    validation: Sequence[RowNumbers] = (),
    grown: Mapping[str, BySize] | None = None,
) -> list[KindNumbers]:
    """Every category that stands in the files trained on or tested, by name; rows without one under the empty name.

    `validation`: rows that were neither trained on nor chosen by; they count as unseen beside those of the test.
    `grown`: by category, how its unseen loss falls with the number of rows, where that was measured.
    """
    trained = Counter(row.category for row in data.train)
    held_out = {row.category for row in data.of("test_categories")} - trained.keys()
    seen = _by_category(sides.get(SEEN, []))
    unseen = _by_category([*sides.get(PLAIN, []), *validation])
    names = trained.keys() | held_out | {row.category for row in data.of(PLAIN)} | unseen.keys()
    measured = {name: Measured(seen[name], unseen[name], trained[name]) for name in seen.keys() & unseen.keys()}
    likely = likely_gaps(dict(sorted(measured.items())))
    found = [
        _numbers(
            name, trained[name], seen.get(name), unseen.get(name), likely.get(name), held_out=name in held_out
        )
        for name in sorted(names)
    ]  # fmt: skip
    for one in found:
        if curve := (grown or {}).get(one["category"]):
            one["growth"] = growth_of(curve)
    return found


def growth_of(curve: BySize) -> KindGrowth:
    """What of a category's curve says whether more examples help."""
    sizes = curve["sizes"]
    return {"rows": [one["rows"] for one in sizes], "losses": [one["loss"] for one in sizes], "next": curve["next"]}


def _numbers(
    name: str, trained: int, seen: Prompts | None, unseen: Prompts | None, likely: Likely | None, *, held_out: bool
) -> KindNumbers:
    return {
        "category": name,
        "held_out": held_out,
        "trained": trained,
        "unseen_prompts": len(unseen) if unseen else 0,
        "unseen": loss(unseen) if unseen else None,
        "seen_prompts": len(seen) if seen else 0,
        "seen": loss(seen) if seen else None,
        "gap": gap(seen, unseen) if seen and unseen else None,
        "likely_gap": likely.gap if likely else None,
        "first": likely.first if likely else None,
    }


def _by_category(rows: Sequence[RowNumbers]) -> dict[str, Prompts]:
    held: dict[str, list[RowNumbers]] = {}
    for row in rows:
        held.setdefault(row["category"], []).append(row)
    return {category: by_prompt(found) for category, found in held.items()}
