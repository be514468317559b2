"""What is asked of a new run, and can it be? Its method, its version and the runs that it is made from fit together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict, Invalid, Place
from app.datasets.models import DatasetKind, Split, Version
from app.training.base_models import UnknownBaseModel, facts, resolve
from app.training.choices import require_choices
from app.training.descent import require_kept_run
from app.training.methods import METHODS, Method, MethodName
from app.training.models import Run, RunStatus
from app.training.queries import get_runs_for, report_of
from app.training.worker.estimate import LEAST_PAIRS
from app.training.worker.failures import RunFailed
from app.training.worker.plan import Plan, PlanError
from app.training.worker.report import upgraded
from app.training.worker.shareable import can_share, require_shareable


@dataclass(frozen=True)
class Wish:
    """A run as somebody asks for it: runs by id, `settings` what differs from the defaults of model and method.

    An empty `base_model` is that of the run that it begins from.
    """

    base_model: str
    method: MethodName = "sft"
    begins_from: int | None = None
    reward: int | None = None
    second_reward: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parents:
    """The runs that a run is made from. `began_at`: epochs of training that lie behind the first of them."""

    begins_from: Run | None = None
    reward: Run | None = None
    second_reward: Run | None = None
    began_at: float = 0.0


NOBODY = Parents()


def parents_of(session: Session, actor: Actor, version: Version, wish: Wish) -> Parents:
    """The runs that are named. Invalid, Conflict or Gone, naming the field, for one of which no run can be made."""
    ids = {"begins_from": wish.begins_from, "reward": wish.reward, "second_reward": wish.second_reward}
    named = {name: run_id for name, run_id in ids.items() if run_id is not None}
    held = select(Run.id).where(Run.id.in_(named.values()), Run.project_id == version.project_id).order_by(Run.id)
    session.execute(held.with_for_update(read=True))  # an erasure that comes now finds the new run, or is seen here
    runs = get_runs_for(session, actor, version.project_id, list(named.values()))
    for run in runs:
        require_done(session, run)
    by_name = dict(zip(named, runs, strict=True))
    begun = by_name.get("begins_from")
    epochs = epochs_of(session, begun) if begun and wish.method == "sft" else 0.0
    return Parents(begun, by_name.get("reward"), by_name.get("second_reward"), epochs)


def epochs_of(session: Session, run: Run) -> float:
    """Epochs after which a finished run's model was left, those of the runs that it went on from among them."""
    own = float(run.plan.get("epochs", 0))
    if report := report_of(session, run.id):
        told = upgraded(report)
        own = (told["kept"] or told["curve"][-1])["epoch"]
    return round(float(run.plan.get("began_at", 0)) + own, 4)


def require_done(session: Session, run: Run) -> None:
    """Refuse a run that has left no model, or whose model was erased."""
    require_kept_run(session, run.id)
    if run.status is not RunStatus.DONE:
        raise Conflict("training.not_done", f"Run {run.number} is not done, so it has left no model to use yet.")


def require_fit(version: Version, wish: Wish, parents: Parents) -> None:
    """Invalid, naming the field, for a version that the method cannot learn from, or runs that it cannot use."""
    method = METHODS[wish.method]
    if (misfit := misfit_of(version, method)) is not None:
        raise misfit
    if begun := parents.begins_from:
        _require_begins(begun, wish)
    _require_rewards(wish, method, parents)


def misfit_of(version: Version, method: Method) -> Invalid | None:
    """Why the method can learn nothing from this version, if it cannot."""
    kind = version.dataset.kind
    if kind not in method.learns_from:
        return Invalid(
            "training.wrong_kind",
            f"{method.label} learns from {method.takes}; this version holds others. Choose another version, or "
            "another method.",
            Place("/method", f"learns from {method.takes}"),
        )
    pairs = version.counts.get(Split.TRAIN, 0)
    if method.learns_from == (DatasetKind.PREFERENCES,) and pairs < LEAST_PAIRS:
        return Invalid(
            "training.too_few_pairs",
            f"This version has {pairs} {'pair' if pairs == 1 else 'pairs'} to train on, and of fewer than "
            f"{LEAST_PAIRS} nothing is learned. Have more compared, and publish again.",
            Place("/method", f"needs {LEAST_PAIRS} pairs to train on"),
        )
    return None


def _require_begins(begun: Run, wish: Wish) -> None:
    here = "/begins_from_run_id"
    if not METHODS[begun.method].speaks:
        raise Invalid(
            "training.cannot_begin",
            f"Run {begun.number} made a reward model, which answers nothing. Begin from a run that answers.",
            Place(here, "is a reward model"),
        )
    if wish.base_model and wish.base_model != begun.base_model:
        raise Invalid(
            "training.another_base_model",
            f"Run {begun.number} was made of {begun.base_model}, not of {wish.base_model}. Choose that base model, or "
            "another run to begin from.",
            Place(here, f"is of the base model {begun.base_model}"),
        )


def _require_rewards(wish: Wish, method: Method, parents: Parents) -> None:
    first, second = parents.reward, parents.second_reward
    if method.rewards == "leads" and first is None:
        raise Invalid(
            "training.no_reward_model",
            f"{method.label} follows a reward model: name the run that made it.",
            Place("/reward_run_id", "must be named"),
        )
    if second and (first is None or first.id == second.id):
        raise Invalid(
            "training.second_alone",
            "A second reward model shows where the first is followed too far, so it must be another one than it.",
            Place("/second_reward_run_id", "must stand beside another"),
        )
    for place, run in (("/reward_run_id", first), ("/second_reward_run_id", second)):
        if run is not None:
            _require_reward(run, place, wish, method, parents)


def _require_reward(run: Run, place: str, wish: Wish, method: Method, parents: Parents) -> None:
    if not method.rewards:
        raise Invalid(
            "training.needless_reward",
            f"{method.label} uses no reward model. Leave it out.",
            Place(place, "must be left out"),
        )
    if run.method != "reward":
        raise Invalid(
            "training.not_a_reward_model",
            f"Run {run.number} made no reward model. Choose a run of the method reward.",
            Place(place, "is no reward model"),
        )
    if run.base_model != (base := base_of(wish, parents)):
        raise Invalid(
            "training.another_tokenizer",
            f"The reward model of run {run.number} reads the tokens of {run.base_model}, and this run would write "
            f"those of {base}. Train a reward model of {base} first.",
            Place(place, f"is of the base model {run.base_model}"),
        )


def base_of(wish: Wish, parents: Parents) -> str:
    """The listed base model of a run."""
    return wish.base_model or (parents.begins_from.base_model if parents.begins_from else "")


def require_listed(base_model: str, models_root: Path) -> None:
    """Invalid for a base model that is not here."""
    try:
        resolve(base_model, models_root)
    except UnknownBaseModel as unknown:
        raise Invalid("training.unknown_base_model", str(unknown), Place("/base_model", "is not on the list")) from None


def make_plan(version: Version, number: int, wish: Wish, models_root: Path, parents: Parents = NOBODY) -> Plan:
    """The defaults of base model and method with what a person chose on top. Invalid for a plan that cannot be."""
    base_model = base_of(wish, parents)
    require_listed(base_model, models_root)
    require_choices(wish.settings)
    fixed = {
        "base_model": base_model,
        "models_root": str(models_root),
        "name": f"Run {number}",
        "dataset": f"{version.dataset.name}, version {version.number}",
        "dataset_hash": version.content_hash or "",
        "method": wish.method,
        **({"rankings": "together"} if wish.method == "reward" else {}),
        "begins_from": _said(parents.begins_from),
        **({"began_at": parents.began_at} if wish.method == "sft" else {}),
        "reward_from": _said(parents.reward),
        "second_reward_from": _said(parents.second_reward),
        "second_judges": judges_of(parents),
    }
    try:
        return Plan.from_dict({**facts(base_model).defaults_of(wish.method), **wish.settings, **fixed})
    except PlanError as wrong:
        raise Invalid(
            "training.bad_plan", str(wrong).removeprefix("plan.json: "), Place("/settings", str(wrong))
        ) from None


def require_shared(plan: Plan, processes: int) -> None:
    """Invalid, in the worker's words, for a plan that so many processes cannot share."""
    try:
        require_shareable(plan, processes if can_share(plan.method) else 1)
    except RunFailed as why:
        words = f"{why.reason} {why.advice}"
        raise Invalid("training.not_shareable", words, Place("/settings", why.reason)) from None


def judges_of(parents: Parents) -> Literal["unknown", "others", "shared"]:
    """Whether people taught both reward models, by the pseudonyms in the manifests of their versions."""
    both = [
        set((run.version.manifest or {}).get("judges", ())) for run in (parents.reward, parents.second_reward) if run
    ]
    if len(both) != 2 or not all(both):
        return "unknown"
    return "shared" if both[0] & both[1] else "others"


def _said(run: Run | None) -> str:
    return f"run {run.number}" if run else ""
