"""What a rule asks of one response: conditions, each with a yes or no and with what was found, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.datasets.rules import STATES, Rule, phrases

LAST_DAY = "9999-12-31"


class Candidate(Protocol):
    """What a rule asks of an approved response; `category` is empty or null where it has none."""

    @property
    def submission_id(self) -> int:
        """Which response it is; the smaller the id, the earlier it was first handed in."""

    @property
    def prompt_id(self) -> int:
        """Which prompt it answers."""

    @property
    def author_id(self) -> int | None:
        """Who wrote it; nobody here, where it was imported as a finished pair."""

    @property
    def edited(self) -> bool:
        """Whether who approved it put words right."""

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
    def source(self) -> str:
        """Where the prompt comes from."""

    @property
    def tags(self) -> Sequence[str]:
        """The prompt's tags."""

    @property
    def guidelines(self) -> int | None:
        """The version of the guidelines under which it was written; none where it was imported."""

    @property
    def handed_in(self) -> datetime | None:
        """When its writer last handed it in; never where it was imported."""

    @property
    def approved(self) -> datetime | None:
        """When it was approved, or came in; null in a broken row alone."""

    @property
    def ratings(self) -> Mapping[str, float] | None:
        """The deciding review's ratings."""


@dataclass(frozen=True)
class Condition:
    """One thing that a rule asks of a response; `phrase` says what, `finds` what the response has instead or indeed."""

    name: str
    phrase: str
    meets: Callable[[Candidate], bool]
    finds: Callable[[Candidate], str]


def conditions(rule: Rule) -> list[Condition]:
    """What the rule asks of each response by itself, in order."""
    later = rule.guidelines_from or float("inf")
    meets: Mapping[str, Callable[[Candidate], bool]] = {
        "imported": lambda row: (row.author_id is None) is (rule.imported == "only"),
        "state": lambda row: row.author_id is not None and row.edited is (rule.state == "edited"),
        "category": lambda row: row.category in rule.categories,
        "language": lambda row: row.language in rule.languages,
        "licence": lambda row: row.licence in rule.licences,
        "source": lambda row: row.source in rule.sources,
        "tag": lambda row: any(tag in rule.tags for tag in row.tags),
        "guidelines": lambda row: row.guidelines in rule.guidelines or (row.guidelines or 0) >= later,
        "handed_in": lambda row: lies(row.handed_in, rule.handed_in_from, rule.handed_in_to),
        "approved": lambda row: lies(row.approved, rule.approved_from, rule.approved_to),
        "rating": lambda row: (mean(row.ratings) or 0) >= (rule.min_rating or 0),
        "ratings": lambda row: all((row.ratings or {}).get(key, 0) >= least for key, least in rule.min_ratings.items()),
    }
    asked = phrases(rule)
    return [Condition(name, asked[name], meets[name], FINDS[name]) for name in meets if name in asked]


FINDS: Mapping[str, Callable[[Candidate], str]] = {
    "imported": lambda row: "imported" if row.author_id is None else "written here",
    "state": lambda row: "imported" if row.author_id is None else STATES["edited" if row.edited else "as_written"],
    "category": lambda row: row.category or "no category",
    "language": lambda row: row.language,
    "licence": lambda row: row.licence or "no licence",
    "source": lambda row: row.source or "no source",
    "tag": lambda row: ", ".join(row.tags) or "no tag",
    "guidelines": lambda row: f"version {row.guidelines}" if row.guidelines else "none: imported",
    "handed_in": lambda row: day_of(row.handed_in) or ("never: imported" if row.author_id is None else "not known"),
    "approved": lambda row: day_of(row.approved) or "not known",
    "rating": lambda row: "not rated" if not row.ratings else f"{round(mean(row.ratings) or 0, 2):g}",
    "ratings": lambda row: ", ".join(f"{key} {value:g}" for key, value in (row.ratings or {}).items()) or "not rated",
}


def lies(moment: datetime | None, first: str | None, last: str | None) -> bool:
    """Whether a moment lies in these days, both included."""
    return moment is not None and (first or "") <= day_of(moment) <= (last or LAST_DAY)


def day_of(moment: datetime | None) -> str:
    """The day in UTC, as in 2026-11-30; nothing for no moment."""
    return moment.astimezone(UTC).date().isoformat() if moment else ""


def mean(ratings: Mapping[str, float] | None) -> float | None:
    """The mean of a review's ratings, None without any."""
    return sum(ratings.values()) / len(ratings) if ratings else None
