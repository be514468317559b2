"""Can several processes share a run? Asked where it is started, and again by the worker. Readable without torch."""

from app.training.worker.failures import RunFailed
from app.training.worker.plan import POLICY, Plan


def can_share(method: str) -> bool:
    """Whether several processes may share a run of this method: its steps are those of one."""
    return method not in POLICY  # these learn from responses that they draw, by one random state


def require_shareable(plan: Plan, processes: int) -> None:
    """RunFailed unless each process gets as many rows of a step: then a step is what it is with one."""
    if plan.batch_size % processes:
        raise RunFailed(
            "unequal_shares",
            f"{plan.batch_size} rows a step cannot be shared equally by {processes} processes.",
            f"Choose rows a step that {processes} divides, or another number of processes.",
        )
    if processes > 1 and not can_share(plan.method):
        raise RunFailed(
            "one_process",
            f"A run of the method {plan.method} is made by one process alone: what it learns from is drawn as it "
            "learns, and of several each would draw something else.",
            "Give this run one process; it uses one GPU.",
        )
    if processes > 1 and plan.curve_seeds:
        raise RunFailed(
            "curve_by_one",
            "The curve over the size of the data is made by one process alone.",
            "Set curve_seeds to 0, or give this run one process.",
        )
