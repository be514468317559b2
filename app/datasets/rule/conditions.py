"""What a rule asks of one response: conditions, each with a yes or no in SQL and with what was found, in words.

They ask a table of approved responses: its columns are those of `selection.judged_now`. No answer is null, and what a
hand broke, such as ratings that are no numbers, counts as missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Row,
    Text,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from app.datasets.publish.rows import are_ratings
from app.datasets.rule.rules import STATES, Rule, phrases

Rows = ReadOnlyColumnCollection[str, ColumnElement[Any]]


@dataclass(frozen=True)
class Condition:
    """One thing that a rule asks of a response."""

    name: str
    meets: ColumnElement[bool]


def conditions(rule: Rule, rows: Rows) -> list[Condition]:
    """What the rule asks of each response by itself, in order."""
    written_here = rows.author_id.is_not(None)
    meets: Mapping[str, ColumnElement[bool]] = {
        "imported": ~written_here if rule.imported == "only" else written_here,
        "state": and_(written_here, rows.edited == (rule.state == "edited")),
        "category": rows.category.in_(rule.categories),
        "language": rows.language.in_(rule.languages),
        "licence": rows.licence.in_(rule.licences),
        "source": rows.source.in_(rule.sources),
        "tag": cast(rows.tags, ARRAY(Text)).overlap(cast(rule.tags, ARRAY(Text))),
        "guidelines": or_(rows.guidelines.in_(rule.guidelines), _at_least(rows.guidelines, rule.guidelines_from)),
        "handed_in": lies(rows.handed_in, rule.handed_in_from, rule.handed_in_to),
        "approved": lies(rows.approved, rule.approved_from, rule.approved_to),
        "rating": _at_least(mean_rating(rows.ratings), rule.min_rating),
        "ratings": and_(
            true(), *(_at_least(_rating(rows.ratings, key), least) for key, least in rule.min_ratings.items())
        ),
    }
    return [Condition(name, func.coalesce(meets[name], false())) for name in phrases(rule) if name in meets]


# What a response has instead of what is asked, or indeed.
FINDS: Mapping[str, Callable[[Row[Any]], str]] = {
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
    "rating": lambda row: f"{round(mean(row.ratings), 2):g}" if is_rated(row.ratings) else "not rated",
    "ratings": lambda row: each_rating(row.ratings) if is_rated(row.ratings) else "not rated",
}


def lies(moment: ColumnElement[datetime | None], first: str | None, last: str | None) -> ColumnElement[bool]:
    """Whether a moment lies in these days of UTC, both included."""
    day = cast(func.timezone("UTC", moment), Date)
    ends = [day >= date.fromisoformat(first)] if first else []
    ends += [day <= date.fromisoformat(last)] if last else []
    return and_(true(), *ends)


def mean_rating(ratings: ColumnElement[Any]) -> ColumnElement[float | None]:
    """The mean of a review's ratings, null without any."""
    whole = case((func.jsonb_typeof(ratings) == "object", ratings))
    each = func.jsonb_each(whole).table_valued(column("key", Text), column("value", JSONB), name="rated")
    is_number = func.jsonb_typeof(each.c.value) == "number"
    return select(func.avg(cast(each.c.value, Float))).where(is_number).scalar_subquery()


def _rating(ratings: ColumnElement[Any], key: str) -> ColumnElement[float | None]:
    one = cast(ratings, JSONB)[key]
    return case((func.jsonb_typeof(one) == "number", cast(one, Float)))


def _at_least(value: ColumnElement[Any], least: float | None) -> ColumnElement[bool]:
    return false() if least is None else value >= literal(least)


def is_rated(ratings: Any) -> bool:
    """Whether these are ratings, and some."""
    return bool(ratings) and are_ratings(ratings)


def each_rating(ratings: Mapping[str, float]) -> str:
    """Helpful 4, kind 5."""
    return ", ".join(f"{key} {value:g}" for key, value in ratings.items())


def day_of(moment: datetime | None) -> str:
    """The day in UTC, as in 2026-11-30; nothing for no moment."""
    return moment.astimezone(UTC).date().isoformat() if moment else ""


def mean(ratings: Mapping[str, float]) -> float:
    """The mean of a review's ratings."""
    return sum(ratings.values()) / len(ratings)
