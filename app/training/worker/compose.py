"""How the numbers of a run become its report. Pure: what was measured goes in, `report.json` comes out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict

from app.training.worker.behaviour import behaviour
from app.training.worker.contamination import Asks, near_duplicates
from app.training.worker.epochs import EpochLosses
from app.training.worker.events import Point
from app.training.worker.growth import Sizes
from app.training.worker.judged import Lengths, judge, usual_lengths
from app.training.worker.kinds import by_kind
from app.training.worker.measure import Measured
from app.training.worker.numbers import by_category, by_epoch, gaps_of, of_split, rows_by_side
from app.training.worker.plan import Plan
from app.training.worker.recital import recital
from app.training.worker.report import (
    SCHEMA,
    SEEN,
    BaseModelFacts,
    Kept,
    NearDuplicate,
    OpenPrompts,
    Report,
    RowNumbers,
    Sample,
)
from app.training.worker.rows import Row, Rows
from app.training.worker.watched import Watched
from app.training.worker.words import FOUR_BITS, cautions, choice, refusal, sentences, went_on


class Machine(TypedDict):
    """What the run cost, and what it left."""

    model_sha256: str
    trained_parameters: int
    seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]


def compose(
    plan: Plan,
    base: BaseModelFacts,
    data: Rows,
    watched: Watched,
    taught: Sequence[Asks],
    *,
    before: Measured,
    after: Measured,
    epochs: Sequence[EpochLosses],
    contaminated: list[NearDuplicate],
    curve: list[Point],
    kept: Kept | None,
    first: OpenPrompts | None,
    by_size: Sizes | None,
    machine: Machine,
) -> Report:
    """The whole report of a finished run. `epochs`: what was measured between before and after; `kept`: where the
    finished model is not the last step's; `first` as in the report; `by_size`: curves over the number of rows.

    `taught`: what the runs before this one were trained on. `contaminated`: rows that were to be unseen and were not;
    where there are any, the report refuses.
    """
    if contaminated:  # refused: rows that were to be unseen were not
        watched = replace(watched, sides={})
    sides = rows_by_side(watched.sides, before.losses, after.losses)
    splits = {side: of_split(rows) for side, rows in sides.items()}
    gaps = gaps_of(sides)
    categories = by_category(sides.get("test", []))
    samples = _samples(watched.asked, before, after, usual_lengths(data.train))
    told = [one for one in samples if one["split"] == SEEN] if contaminated else samples
    end = kept or curve[-1]
    last: EpochLosses = {"step": end["step"], "epoch": plan.began_at + end["epoch"], "losses": after.losses}
    said = [*([choice(kept)] if kept else []), *([went_on(plan.begins_from)] if plan.begins_from else [])]
    return {
        "schema": SCHEMA,
        "made_at": datetime.now(UTC).isoformat(),
        "method": plan.method,
        "plan": plan.told(),
        "base_model": base,
        "files": data.files,
        "left_out": data.left_out,
        "splits": splits,
        "contaminated": contaminated,
        "gap": gaps.get("test"),
        "gaps": gaps,
        "epochs": [] if contaminated else by_epoch(watched.sides, before.losses, epochs, last),
        "kept": kept,
        "categories": categories,
        "kinds": []
        if contaminated
        else by_kind(data, sides, unchosen(plan, data, taught, before, after), by_size.kinds if by_size else None),
        "first": first,
        "by_size": by_size.whole if by_size else None,
        "behaviour": behaviour([one for one in told if one["split"] != SEEN]),
        "recital": recital(told, plan.max_new_tokens),
        "ranking": None,
        "policy": None,
        "curve": curve,
        "samples": samples,
        "rows": [row for rows in sides.values() for row in rows],
        "sentences": [refusal(contaminated)]
        if contaminated
        else said + sentences(base, splits, gaps, categories, samples),
        "cautions": [
            *cautions(base, splits, data.files, data.left_out, refused=bool(contaminated)),
            *([FOUR_BITS] if plan.adapter == "qlora" else []),
        ],
        **machine,
    }


def unchosen(plan: Plan, data: Rows, taught: Sequence[Asks], before: Measured, after: Measured) -> list[RowNumbers]:
    """The validation rows as more that were never seen: none where the model was chosen by them, nor such as ask nearly
    what a training row asks."""
    if plan.keep != "last":
        return []
    asked = {row["id"] for row in near_duplicates([*data.train, *taught], data.validation)}
    losses = ({"validation": one.validation} for one in (before, after))
    rows = rows_by_side({"validation": data.validation}, *losses)["validation"]
    return [row for row in rows if row["id"] not in asked]


def _samples(rows: Sequence[Row], before: Measured, after: Measured, usual: Lengths) -> list[Sample]:
    return [
        {
            "split": row.split,
            "id": row.id,
            "prompt_id": row.prompt_id,
            "category": row.category,
            "messages": row.prompt,
            "human": row.response,
            "before": first.text,
            "before_ended": first.ended,
            "after": second.text,
            "after_ended": second.ended,
            "judged": {
                "before": judge(row, first.text, first.tokens, ended=first.ended, usual=usual),
                "after": judge(row, second.text, second.tokens, ended=second.ended, usual=usual),
                "human": judge(row, row.response, row.spoken, ended=True, usual=usual),
            },
            "base": "",
            "rewards": {},
            "second_rewards": {},
        }
        for row, first, second in zip(rows, before.answers, after.answers, strict=True)
    ]
