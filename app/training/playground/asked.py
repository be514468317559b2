"""What is asked in the playground: one conversation with two models, side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.errors import Invalid, Place
from app.training.base_models import BaseModel
from app.training.generator.protocol import Message, SideName

SIDES: tuple[SideName, ...] = ("base", "tuned")
MOST_TURNS = 20
MOST_TOKENS = 2048
MOST_CHARACTERS = 40_000  # of a whole conversation
MOST_SEED = 2**31 - 1


class Asked(Protocol):
    """What each side is asked, and how it is to draw its tokens."""

    @property
    def temperature(self) -> float:
        """0 always takes the likeliest token."""

    @property
    def max_tokens(self) -> int:
        """After so many an answer is cut."""

    @property
    def seed(self) -> int:
        """The same seed draws the same tokens."""

    def messages(self, side: SideName) -> list[Message]:
        """The conversation as this side has had it."""


@dataclass(frozen=True)
class Conversation:
    """The same messages to whichever side."""

    turns: Sequence[Message]
    temperature: float
    max_tokens: int
    seed: int

    def messages(self, side: SideName) -> list[Message]:
        """All of it."""
        return list(self.turns)


@dataclass(frozen=True)
class Turn:
    """What was asked before, and what each model said to it."""

    prompt: str
    base: str
    tuned: str


@dataclass(frozen=True)
class Question:
    """What both are asked now, after the turns before it, and how they are to draw their tokens."""

    prompt: str
    earlier: Sequence[Turn]
    temperature: float
    max_tokens: int
    seed: int

    def require_bearable(self) -> None:
        """Invalid for a conversation of more characters than any of our models can read."""
        length = len(self.prompt) + sum(len(turn.prompt) + len(turn.base) + len(turn.tuned) for turn in self.earlier)
        if length > MOST_CHARACTERS:
            wrong = Place("/earlier", f"has {length} characters with the prompt; the limit is {MOST_CHARACTERS}")
            raise Invalid("training.long_conversation", "This conversation is too long. Begin a new one.", wrong)

    def messages(self, side: SideName) -> list[Message]:
        """The conversation as this side has had it."""
        had: list[Message] = []
        for turn in self.earlier:
            had += [{"role": "user", "content": turn.prompt}, {"role": "assistant", "content": getattr(turn, side)}]
        return [*had, {"role": "user", "content": self.prompt}]


@dataclass(frozen=True)
class Pair:
    """A run's two models: their names, how they are spoken to, and what brings them here and says where they lie.

    `sides`: which of them answer.
    """

    run_id: int
    base_model: BaseModel
    at_hand: Callable[[], dict[SideName, str]]
    sides: Sequence[SideName] = SIDES

    def served_name(self, side: SideName) -> str:
        """Under which name an endpoint is asked for it."""
        return self.base_model.name if side == "base" else f"run-{self.run_id}"
