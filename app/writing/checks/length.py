"""Is the response within the project's limits, and not far from what was approved in its category?"""

from math import exp, log

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding, Lengths

# With fewer approved responses the quartiles say little.
ENOUGH = 20
FAR = 1.5


def check_length(text: str, context: Context) -> Finding | None:
    """Far outside of the middle half: by 1.5 times its width, in logarithms (Tukey: "Exploratory Data Analysis").

    Of what is not begun nothing is said: whoever leaves the prompt of a pair has their answer before them.
    """
    if not text:
        return None
    if context.limits and (beyond := past_limits(len(text), *context.limits)):
        return None if context.typing and len(text) < context.limits[0] else Finding(HintName.LENGTH, beyond)
    lengths = context.lengths
    if lengths is None or lengths.counted < ENOUGH:
        return None
    shortest, longest = fences(lengths)
    if len(text) > longest:
        return Finding(HintName.LENGTH, said("Much longer", len(text), lengths))
    if len(text) < shortest and not context.typing:
        return Finding(HintName.LENGTH, said("Much shorter", len(text), lengths))
    return None


def past_limits(length: int, least: int, most: int) -> str:
    """What is said of a text that the project does not take at all."""
    if length > most:
        return f"{length:,} characters; the limit is {most:,}."
    if length < least:
        return f"At least {least:,} characters are asked for."
    return ""


def fences(lengths: Lengths) -> tuple[float, float]:
    """Between which lengths nothing is remarked on. A middle half that is a single length still leaves room."""
    lower, upper = log(max(lengths.lower, 1)), log(max(lengths.upper, 1))
    width = FAR * max(upper - lower, log(2))
    return exp(lower - width), exp(upper + width)


def said(much: str, length: int, lengths: Lengths) -> str:
    """The reason, with the numbers to judge it by."""
    middle = f"half of what was approved in this category has {lengths.lower:,.0f} to {lengths.upper:,.0f}"
    return f"{much} than usual: {length:,} characters; {middle}."
