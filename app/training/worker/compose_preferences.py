"""How what a reward model, DPO or a policy's run measured becomes its report: what is not theirs stays empty. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

from app.training.worker.compose import Machine
from app.training.worker.events import Point
from app.training.worker.plan import Plan
from app.training.worker.report import SCHEMA, BaseModelFacts, FileNumbers, Kept, LeftOut, Report
from app.training.worker.words import choice


class Rest(TypedDict):
    """What every report holds beside what its method measured."""

    files: dict[str, FileNumbers]
    left_out: list[LeftOut]
    curve: list[Point]
    kept: Kept | None


def report_of(
    plan: Plan,
    base: BaseModelFacts,
    rest: Rest,
    machine: Machine,
    *,
    sentences: Sequence[str],
    cautions: Sequence[str],
    **measured: Any,
) -> Report:
    """The whole report of a finished run. `measured`: parts of the report by their names."""
    empty: dict[str, Any] = {
        "splits": {}, "contaminated": [], "gap": None, "gaps": {}, "epochs": [], "categories": [], "kinds": None,
        "first": None, "by_size": None, "behaviour": [], "recital": None, "ranking": None, "policy": None,
        "samples": [], "rows": [],
    }  # fmt: skip
    said = [choice(rest["kept"])] if rest["kept"] else []
    return cast(
        Report,
        {
            "schema": SCHEMA,
            "made_at": datetime.now(UTC).isoformat(),
            "method": plan.method,
            "plan": plan.told(),
            "base_model": base,
            **empty,
            **rest,
            **measured,
            "sentences": [*sentences, *said],
            "cautions": list(cautions),
            **machine,
        },
    )
