"""How is an estimate said and drawn? Pure."""

from app.core.charts import Interval
from app.training.worker.estimate import Estimate


def interval_at(value: float, change: Estimate) -> Interval:
    """The loss after, with the interval of the change around it."""
    if change["low"] is None or change["high"] is None:
        return Interval(value, value, value)
    return Interval(value, value + change["low"] - change["value"], value + change["high"] - change["value"])


def estimate(value: Estimate) -> str:
    """A number with its interval, or that there are too few."""
    if value["low"] is None or value["high"] is None:
        return f"{value['value']:+.2f} (too few for an interval)"
    return f"{value['value']:+.2f} ({value['low']:+.2f} to {value['high']:+.2f})"


def within(value: Estimate, places: int = 2) -> str:
    """A number that is no change, with its interval, or that there are too few."""
    if value["low"] is None or value["high"] is None:
        return f"{value['value']:.{places}f} (too few for an interval)"
    return f"{value['value']:.{places}f} ({value['low']:.{places}f} to {value['high']:.{places}f})"
