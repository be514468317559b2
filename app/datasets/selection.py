"""Which responses a rule takes, how many each condition takes out, and why a given one is in or out. Pure.

Nothing depends on the order in which responses come: conditions that look at several responses at once put them into an
order of their own, by time, rating, id or a hash.
"""

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.datasets.conditions import Candidate, conditions, mean
from app.datasets.rules import Rule, phrases

Row = TypeVar("Row", bound=Candidate)


@dataclass(frozen=True)
class Seat(Generic[Row]):
    """A response's place among those of its group, the first of which stay: `place` of `size`, `limit` stay."""

    row: Row
    place: int
    size: int
    limit: int

    @property
    def stays(self) -> bool:
        """Whether the response belongs to those that stay."""
        return self.place <= self.limit


@dataclass(frozen=True)
class Crowd:
    """A condition on responses together. Of each group the first stay, as many as `limit` makes of the groups' sizes.

    `of` says what the group is and `by` what its order, for a person.
    """

    name: str
    group: Callable[[Candidate], Hashable]
    order: Callable[[Candidate], Any]
    limit: Callable[[Collection[int]], int]
    of: str
    by: str

    def surplus(self, rows: Iterable[Row]) -> int:
        """How many of these responses do not stay."""
        sizes = Counter(map(self.group, rows)).values()
        limit = self.limit(sizes)
        return sum(max(0, size - limit) for size in sizes)

    def stay(self, rows: Iterable[Row]) -> list[Row]:
        """Those of these responses that stay."""
        groups, limit = self._groups(rows)
        return [row for held in groups.values() for row in self._first(held, limit)]

    def seat(self, rows: Iterable[Row], own: Row) -> Seat[Row]:
        """The place of one of these responses in its group."""
        groups, limit = self._groups(rows)
        held = groups[self.group(own)]
        return Seat(own, sorted(held, key=self.order).index(own) + 1, len(held), limit)

    def _groups(self, rows: Iterable[Row]) -> tuple[dict[Hashable, list[Row]], int]:
        groups: dict[Hashable, list[Row]] = defaultdict(list)
        for row in rows:
            groups[self.group(row)].append(row)
        return groups, self.limit([len(held) for held in groups.values()])

    def _first(self, held: list[Row], limit: int) -> list[Row]:
        return held if len(held) <= limit else sorted(held, key=self.order)[:limit]


def crowds(rule: Rule) -> list[Crowd]:
    """What the rule asks of responses together, in order."""
    order = by_rating if rule.of_prompt == "best" else by_approval
    by = "best rated, then approved last" if rule.of_prompt == "best" else "approved last"
    known = (
        Crowd("of_prompt", lambda row: row.prompt_id, order, lambda sizes: 1, "of this prompt", f"the {by} first"),
        Crowd(
            "per_writer", writer_of, lambda row: row.submission_id,
            lambda sizes: rule.per_writer or 0, "of this writer", "the earliest first",
        ),
        Crowd(
            "max_share", lambda row: row.category or "", by_hash,
            lambda sizes: fair_limit(sizes, rule.max_share or 0), "of this category", "in the order of a hash",
        ),
    )  # fmt: skip
    asked = phrases(rule)
    return [crowd for crowd in known if crowd.name in asked]


def writer_of(row: Candidate) -> tuple[str, int]:
    """Whose share a response counts to. A source is no writer: each imported pair stands by itself."""
    return ("imported", row.submission_id) if row.author_id is None else ("writer", row.author_id)


def by_approval(row: Candidate) -> tuple[float, int]:
    """The one approved last first."""
    return (-row.approved.timestamp() if row.approved else 0.0, -row.submission_id)


def by_rating(row: Candidate) -> tuple[float, float, int]:
    """The best rated first, then the one approved last."""
    return (-(mean(row.ratings) or 0.0), *by_approval(row))


def by_hash(row: Candidate) -> bytes:
    """An order that neither a person nor the clock chose, and on which every machine agrees."""
    return hashlib.sha256(f"share:{row.submission_id}".encode()).digest()


def fair_limit(sizes: Collection[int], percent: int) -> int:
    """The most rows of one category such that none has more than `percent` of all rows that are then left.

    Cutting a large category makes all of them fewer, so its share is that of what is left. Let every category keep up
    to t rows. What is left then grows ever more slowly with t, so the largest category's share never shrinks as t
    grows: there is one largest t at which it fits. Nothing is left where there are too few categories for the percent.
    """
    largest = max(sizes, default=0)
    return bisect_left(
        range(1, largest + 1), True, key=lambda most: 100 * most > percent * sum(min(size, most) for size in sizes)
    )


@dataclass(frozen=True)
class Step:
    """What a condition does: how many rows it takes out when its turn comes, how many it would alone, how many stay."""

    name: str
    phrase: str
    out: int
    alone: int
    left: int


@dataclass(frozen=True)
class Sifted(Generic[Row]):
    """What a rule makes of approved responses: those taken, and by the id of each other one the condition it failed."""

    total: int
    taken: Sequence[Row]
    why: dict[int, str]
    steps: Sequence[Step]


def sift(rule: Rule, rows: Iterable[Row]) -> Sifted[Row]:
    """Put responses through a rule: first each by itself, then together."""
    asked, together = conditions(rule), crowds(rule)
    alone: Counter[str] = Counter()
    why: dict[int, str] = {}
    everyone: list[Row] = []
    left: list[Row] = []
    for row in rows:
        failed = [condition.name for condition in asked if not condition.meets(row)]
        alone.update(failed)
        if failed:
            why[row.submission_id] = failed[0]
        else:
            left.append(row)
        if together:
            everyone.append(row)
    for crowd in together:
        alone[crowd.name] = crowd.surplus(everyone)
        staying = crowd.stay(left)
        why |= dict.fromkeys({row.submission_id for row in left} - {row.submission_id for row in staying}, crowd.name)
        left = staying
    total = len(left) + len(why)
    return Sifted(total, left, why, list(steps(rule, total, why, alone)))


def steps(rule: Rule, total: int, why: dict[int, str], alone: Counter[str]) -> Iterator[Step]:
    """The conditions in order, each with its counts."""
    out = Counter(why.values())
    for name, phrase in phrases(rule).items():
        total -= out[name]
        yield Step(name, phrase, out[name], alone[name], total)


@dataclass(frozen=True)
class Answer:
    """What one condition says of one response: `met` is None where the response was out before it was asked."""

    name: str
    phrase: str
    found: str
    met: bool | None


def explain(rule: Rule, rows: Sequence[Row], submission_id: int) -> list[Answer]:
    """What each condition of a rule says of one of these responses."""
    own = next(row for row in rows if row.submission_id == submission_id)
    asked, phrase = conditions(rule), phrases(rule)
    answers = [Answer(one.name, one.phrase, one.finds(own), one.meets(own)) for one in asked]
    left = [row for row in rows if all(condition.meets(row) for condition in asked)]
    for crowd in crowds(rule):
        seat = crowd.seat(left, own) if all(answer.met for answer in answers) else None
        found = f"{seat.place} of {seat.size} {crowd.of}, {crowd.by}; {seat.limit} may stay" if seat else ""
        answers.append(Answer(crowd.name, phrase[crowd.name], found, seat.stays if seat else None))
        left = crowd.stay(left)
    return answers
