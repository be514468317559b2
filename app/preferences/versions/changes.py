"""What changed from one version of preferences to another: pairs added, removed, decided anew, moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.core.database import Base
from app.core.diff import Segment, diff
from app.datasets.diff.changes import Comparison, Counts, Kind, Moved, Rows, counted, part_of
from app.datasets.publish.rows import message
from app.preferences.models import ComparedResponse, ComparisonPair, ComparisonPrompt, PreferenceRow
from app.projects.models import Category
from app.prompts.models import Prompt

SAYS = ("chosen_id", "opinions", "agreed", "strength")
PAIRS = Rows(Base.metadata.tables[PreferenceRow.__tablename__], "pair_id", SAYS)
Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Held:
    """A pair as one version holds it."""

    chosen: Turns
    rejected: Turns
    opinions: int
    agreed: int
    strength: str

    @property
    def said(self) -> str:
        """How many of how many prefer the chosen one, and by how much."""
        by = {"": "", "slightly": ", a little", "clearly": ", clearly", "by_far": ", by far"}[self.strength]
        return f"{self.agreed} of {self.opinions}{by}"


@dataclass(frozen=True, kw_only=True)
class PairChange(Moved):
    """One pair in both versions or in one. It is of no one submission, and has no revisions."""

    submission_id: ClassVar[int] = 0
    old_revision: ClassVar[None] = None
    new_revision: ClassVar[None] = None
    pair_id: int
    old: Held | None
    new: Held | None
    prompt: Turns
    category: str
    language: str

    @property
    def name(self) -> int:
        """What names the row in every version."""
        return self.pair_id

    @property
    def old_opinions(self) -> str | None:
        """What people said by the older version."""
        return self.old.said if self.old else None

    @property
    def new_opinions(self) -> str | None:
        """What people said by the newer version."""
        return self.new.said if self.new else None

    @property
    def turned(self) -> bool:
        """Whether the other response is the chosen one now."""
        return bool(self.old and self.new and self.old.chosen != self.new.chosen)

    @property
    def asked(self) -> Sequence[Segment]:
        """What was asked last."""
        return [("equal", str(self.prompt[-1]["content"]))]

    @property
    def segments(self) -> Sequence[Segment]:
        """What became of the words of the chosen response."""
        held = [text_of(one.chosen) for one in (self.old, self.new) if one]
        return diff(held[0], held[-1])


def text_of(turns: Turns) -> str:
    """What was answered, the turns one after another."""
    return "\n\n".join(turn["content"] for turn in turns)


def count_changes(session: Session, old_id: int, new_id: int) -> Counts:
    """Count what happened to pairs, in one pass over both versions. `same` were decided alike."""
    of = Comparison(PAIRS, old_id, new_id)
    prompt_id = func.coalesce(of.new.prompt_id, of.old.prompt_id)
    rows = of.both.join(Prompt, Prompt.id == prompt_id).outerjoin(Category, Category.id == Prompt.category_id)
    return counted(session, of, rows, func.coalesce(Category.name, ""))


def list_changes(session: Session, old_id: int, new_id: int, kind: Kind, after: int, limit: int) -> list[PairChange]:
    """Up to `limit` of the pairs of a kind, past pair id `after`, in the order of their ids."""
    of = Comparison(PAIRS, old_id, new_id, after)
    first, second = aliased(ComparedResponse), aliased(ComparedResponse)
    sides = [getattr(side, name) for side in (of.old, of.new) for name in ("split", "held_out", *SAYS)]
    listed = (
        select(ComparisonPair, ComparisonPrompt, Prompt.language, Category.name, first.messages, second.messages)
        .add_columns(*sides)
        .select_from(of.both)
        .join(ComparisonPair, ComparisonPair.id == of.name)
        .join(ComparisonPrompt, ComparisonPrompt.id == ComparisonPair.comparison_prompt_id)
        .join(Prompt, Prompt.id == ComparisonPrompt.prompt_id)
        .outerjoin(Category, Category.id == Prompt.category_id)
        .join(first, first.id == ComparisonPair.first_id)
        .join(second, second.id == ComparisonPair.second_id)
        .where(of.conditions[kind])
        .order_by(of.name)
        .limit(limit)
    )
    return [change_of(*row) for row in session.execute(listed)]


def change_of(
    pair: ComparisonPair,
    asked: ComparisonPrompt,
    language: str,
    category: str | None,
    first: Turns,
    second: Turns,
    *sides: Any,
) -> PairChange:
    """A change from a row of `list_changes`."""
    both = {pair.first_id: (first, second), pair.second_id: (second, first)}
    (was, was_held_out, *old), (split, held_out, *new) = sides[: len(sides) // 2], sides[len(sides) // 2 :]
    before, now = (Held(*both[one[0]], *one[1:]) if one[0] is not None else None for one in (old, new))
    return PairChange(
        pair_id=pair.id, was_part=part_of(was, was_held_out), part=part_of(split, held_out), old=before, new=now,
        prompt=asked.messages, category=category or "", language=asked.language or language,
    )  # fmt: skip


def as_row(kind: Kind, change: PairChange) -> dict[str, Any]:
    """One change as a line of a file; null on the side where the pair is not."""
    return {
        "kind": kind.value,
        "pair_id": str(change.pair_id),
        "was": change.was,
        "split": change.split,
        "was_part": change.was_part,
        "part": change.part,
        "category": change.category,
        "language": change.language,
        "prompt": [message(one) for one in change.prompt],
        "old": decided(change.old),
        "new": decided(change.new),
    }


def decided(held: Held | None) -> dict[str, Any] | None:
    """What a version holds of a pair."""
    if held is None:
        return None
    turns = {name: [message(one) for one in getattr(held, name)] for name in ("chosen", "rejected")}
    return {**turns, "opinions": held.opinions, "agreed": held.agreed, "strength": held.strength}
