"""What is known about a text when it is checked, and what a check may say of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.projects.models import HintName
from app.prompts.models import Compared


@dataclass(frozen=True)
class Lengths:
    """How long approved responses of a category are, in code points: quartiles, and how many were looked at."""

    counted: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Like:
    """A text of the project that is much like this one. `subject_id` is None where the reader may not see it."""

    kind: Compared
    subject_id: int | None


@dataclass(frozen=True)
class Context:
    """What a check may know beside the text. `limits` are the project's, in code points.

    `question` is what the prompt's user asks, `besides` what else is asked for: by the system message, in later turns.
    `typing`: more is to come, so that nothing is too short yet.
    """

    question: str = ""
    besides: Sequence[str] = ()
    language: str = ""
    limits: tuple[int, int] | None = None
    lengths: Lengths | None = None
    like: Sequence[Like] = ()
    typing: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing to look at, with its reason in words. `place` is a JSON Pointer into what was written.

    `data`: the very words that look like somebody's, for who asks whether their writer was told of them.
    """

    check: HintName
    sentence: str
    place: str = "/messages"
    like: Sequence[Like] = ()
    data: Sequence[str] = ()


Check = Callable[[str, Context], Finding | None]
