"""What the site and the model's process say to each other: a line of JSON each, over a socket of this machine."""

import json
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from typing import Any, Literal, Required, TypedDict

SOCKET = "generator.sock"
LONGEST_LINE = 8 << 20  # bytes: an ask holds a conversation of both sides
BUSY_CODE = 75  # EX_TEMPFAIL: another process holds this folder
NO_LIBRARIES = (
    "The training packages are not installed here, so no model can answer. "
    'Whoever runs this Penset installs them, in its folder: pip install ".[train]".'
)
Message = dict[str, str]
SideName = Literal["base", "tuned"]


@dataclass(frozen=True)
class Side:
    """One model and what it is asked. `stop_token` empty: the tokenizer's own."""

    name: SideName
    folder: str
    chat_template: str
    stop_token: str
    messages: list[Message]


@dataclass(frozen=True)
class Ask:
    """The same question to one model or two. `temperature` 0 always takes the likeliest token."""

    sides: list[Side]
    temperature: float
    max_tokens: int
    seed: int

    def line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Ask":
        """As it was sent. ValueError, TypeError or KeyError for anything else."""
        told = json.loads(line)
        return cls(**{**told, "sides": [Side(**side) for side in told["sides"]]})


class Event(TypedDict, total=False):
    """What is told of an ask while it is answered.

    queued: `place` in the line, 1 is at work. loading: a side's model. token: `text` to put after what a side has said.
    answered: a side is through, with its `tokens` and `seconds`; `ended`: by itself, not cut. failed: `code` and
    `sentence`, of one side or of all. done: the last of an ask.
    """

    kind: Required[Literal["queued", "loading", "token", "answered", "failed", "done"]]
    side: SideName
    place: int
    text: str
    tokens: int
    seconds: float
    ended: bool
    code: str
    sentence: str


Events = AsyncGenerator[Event, None]


def line_of(event: Event) -> bytes:
    """An event as it is sent. Half a surrogate pair, which no text of ours holds, would be escaped."""
    return json.dumps(event).encode() + b"\n"


def event_of(line: bytes) -> Event:
    """An event as it was sent."""
    told: Any = json.loads(line)
    return told  # type: ignore[no-any-return]
