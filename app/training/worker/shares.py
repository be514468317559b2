"""How sure we are of shares and means over prompts, before and after. Pure.

A share has E. B. Wilson's interval ("Probable inference, the law of succession, and statistical inference", 1927),
which holds for few prompts and for none or all of them; a mean, and a change from before to after on the same prompts,
the bootstrap over prompts of `statistics`.
"""

from collections.abc import Sequence

from scipy.stats import binomtest

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.statistics import mean_of


def share(yes: Sequence[float]) -> Estimate:
    """The share of prompts of which something is true (1) and not (0)."""
    value = sum(yes) / len(yes)
    if len(yes) < FEW:
        return {"value": value, "low": None, "high": None}
    ends = binomtest(int(sum(yes)), len(yes)).proportion_ci(confidence_level=0.95, method="wilson")
    return {"value": value, "low": float(ends.low), "high": float(ends.high)}


def change_of(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """The mean of after minus before, prompt by prompt.

    Where something is true or not and all prompts changed alike, drawing them again says nothing: as many may have
    changed otherwise, before or after, as Wilson's interval leaves open.
    """
    found = mean_of([late - early for early, late in zip(before, after, strict=True)])
    if found["low"] is None or found["low"] != found["high"] or not {*before, *after} <= {0.0, 1.0}:
        return found
    value, surely = found["value"], share([1.0] * len(before))["low"]
    assert surely is not None, "there are enough prompts"
    far = (1 - surely) * (1 + abs(value))
    return {"value": value, "low": max(-1.0, value - far), "high": min(1.0, value + far)}
