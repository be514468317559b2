"""Advice of a run beside the project's categories as they are now: what could be aimed at. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluation.advice import RANKED, Advice, advise, finding_of
from app.projects.models import Category
from app.training.models import Run
from app.training.worker.law import MORE
from app.training.worker.report import KindNumbers


@dataclass(frozen=True)
class Line:
    """One category. `category` is None where the project has none of that name; `aim` a target higher than its own."""

    advice: Advice
    category: Category | None
    aim: int | None


@dataclass(frozen=True)
class WhatNext:
    """What the project should write next by this run. `untold`: its categories of which the run saw nothing."""

    run: Run
    finding: str
    ranked: bool
    lines: Sequence[Line]
    untold: Sequence[Category]


def what_next(run: Run, kinds: Sequence[KindNumbers] | None, categories: Sequence[Category]) -> WhatNext:
    """The advice of one run, category by category."""
    ranked = advise(kinds or [])
    by_name = {one.name: one for one in categories}
    lines = [_line(one, by_name.get(one.numbers["category"])) for one in ranked]
    told = {one.numbers["category"] for one in ranked}
    return WhatNext(
        run=run,
        finding=finding_of(kinds, ranked),
        ranked=any(one.prospect in RANKED for one in ranked),
        lines=lines,
        untold=[one for one in categories if one.name not in told] if kinds else [],
    )


def _line(advice: Advice, category: Category | None) -> Line:
    aim = category.approved + MORE if category else 0
    higher = category is not None and advice.prospect in RANKED and category.target < aim
    return Line(advice, category, aim if higher else None)
