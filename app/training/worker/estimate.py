"""A number of a report with how sure it is. Readable without torch or numpy."""

from typing import TypedDict

LEAST_ROWS = 8  # training rows: of fewer a quarter is one row, or none
LEAST_PAIRS = 10  # training pairs: of fewer nothing is learned that is not chance
FEW = 5  # fewer prompts than this: the number is shown as "too few to say"


class Estimate(TypedDict):
    """A number with its 95 % bootstrap interval over prompts; low and high are null where too few prompts stand."""

    value: float
    low: float | None
    high: float | None
