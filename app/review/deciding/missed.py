"""Which part of the guidelines does a returned response miss? One that the revision's own version has, or none."""

from app.core.errors import Invalid, Place
from app.core.markdown import parts
from app.projects.models import Guidelines
from app.review.models import Decision


def named_parts(rules: Guidelines) -> list[str]:
    """The parts that can be named, in the order of the text, each once."""
    return list(dict.fromkeys(part.name for part in parts(rules.text)))


def check_missed(decision: Decision, rules: Guidelines, missed: str) -> None:
    """Invalid where an approval names a part, or a return one that the guidelines do not have."""
    if missed and decision is Decision.APPROVED:
        raise Invalid("review.nothing_missed", "What is approved misses nothing.", Place("/missed", "is for returns"))
    if missed and missed not in named_parts(rules):
        raise Invalid(
            "review.no_such_part",
            "These guidelines have no part of that name; nothing was stored.",
            Place("/missed", "is no heading of the guidelines under which this was written"),
        )


def anchor_of(rules: Guidelines, missed: str) -> str:
    """Where a part begins on the page of its guidelines; empty where none is named."""
    return next((part.anchor for part in parts(rules.text) if part.name == missed), "") if missed else ""
