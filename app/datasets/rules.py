"""Which approved responses belong to a dataset: a rule, as data and in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pydantic import Field, ValidationError

from app.core.errors import Invalid, Place
from app.core.problems import pointer, sentence_of
from app.core.text import Name
from app.core.web import In

REASONS = ("category", "language", "licence", "rating", "writer's share")


class Rule(In):
    """Conditions that a row must meet, all of them. Empty lists and nulls ask for nothing.

    `min_rating` is the least mean of a review's ratings, 1 to 5; `per_writer` the most rows of one person, the
    earliest submissions first.
    """

    categories: list[Name] = Field(default=[], max_length=200)
    languages: list[Name] = Field(default=[], max_length=200)
    licences: list[Name] = Field(default=[], max_length=200)
    min_rating: float | None = Field(default=None, ge=1, le=5)
    per_writer: int | None = Field(default=None, ge=1, le=10**9)


def checked_rule(raw: Mapping[str, Any]) -> Rule:
    """The rule that this JSON stands for. Invalid, naming each place, where it is none."""
    try:
        return Rule.model_validate(dict(raw))
    except ValidationError as wrong:
        places = [Place("/rule" + pointer(tuple(e["loc"])), sentence_of(dict(e))) for e in wrong.errors()]
        raise Invalid("datasets.bad_rule", "This rule was not accepted; nothing was stored.", *places) from None


def in_words(rule: Rule) -> str:
    """The rule as a sentence."""
    parts = ["every approved response"]
    if rule.categories:
        parts.append(f"in the {'category' if len(rule.categories) == 1 else 'categories'} {either(rule.categories)}")
    if rule.languages:
        parts.append(f"in the {'language' if len(rule.languages) == 1 else 'languages'} {either(rule.languages)}")
    if rule.licences:
        parts.append(f"under {either(rule.licences)}")
    if rule.min_rating is not None:
        parts.append(f"rated {rule.min_rating:g} or more on average")
    if rule.per_writer is not None:
        parts.append(f"at most {rule.per_writer} of one writer")
    sentence = ", ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def either(names: Sequence[str]) -> str:
    """Explain, Plan or Rewrite."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class Candidate(Protocol):
    """What a rule asks of an approved response; `category` is empty or null where it has none."""

    @property
    def submission_id(self) -> int:
        """Which response it is; the smaller the id, the earlier it was first handed in."""

    @property
    def author_id(self) -> int:
        """Who wrote it."""

    @property
    def category(self) -> str | None:
        """The category's name."""

    @property
    def language(self) -> str:
        """The prompt's language code."""

    @property
    def licence(self) -> str:
        """The licence of the row."""

    @property
    def ratings(self) -> Mapping[str, int] | None:
        """The deciding review's ratings."""


class Sieve:
    """Lets rows through that a rule takes, in the order in which they come, and counts why others stay out."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.taken = 0
        self.left_out = dict.fromkeys(REASONS, 0)
        self._of_writer: Counter[int] = Counter()

    def takes(self, row: Candidate) -> bool:
        """Whether this row belongs to the dataset; counted either way."""
        reason = self._reason(row)
        if reason:
            self.left_out[reason] += 1
            return False
        self._of_writer[row.author_id] += 1
        self.taken += 1
        return True

    def _reason(self, row: Candidate) -> str:
        rule = self.rule
        if rule.categories and row.category not in rule.categories:
            return "category"
        if rule.languages and row.language not in rule.languages:
            return "language"
        if rule.licences and row.licence not in rule.licences:
            return "licence"
        if rule.min_rating is not None and (mean(row.ratings) or 0) < rule.min_rating:
            return "rating"
        if rule.per_writer is not None and self._of_writer[row.author_id] >= rule.per_writer:
            return "writer's share"
        return ""


def mean(ratings: Mapping[str, int] | None) -> float | None:
    """The mean of a review's ratings, None without any."""
    return sum(ratings.values()) / len(ratings) if ratings else None
