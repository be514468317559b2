"""Which responses a rule takes, and which condition each other one fails first: a rule put on a table, in SQL.

Pages count by it and versions are made by it. Nothing depends on the order in which responses come: conditions that
look at several responses at once put them into an order of their own, by time, rating, id or a hash.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Row,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
)

from app.datasets.rule.conditions import FINDS, Rows, conditions, mean_rating
from app.datasets.rule.rules import Rule, phrases
from app.review.queries import approved_revisions


@dataclass(frozen=True)
class Crowd:
    """A condition on responses together. Of each group the first stay, as many as `limit` says.

    `limit` may look at the responses themselves: it takes a table and which of its rows are meant. `of` says what the
    group is and `by` what its order, for a person.
    """

    name: str
    group: Callable[[Rows], ColumnElement[Any]]
    order: Callable[[Rows], Sequence[ColumnElement[Any]]]
    limit: Callable[[FromClause, ColumnElement[bool]], ColumnElement[int]]
    of: str
    by: str

    def finds(self, row: Row[Any]) -> str:
        """The place of a response in its group, for a person."""
        place, size, limit = (getattr(row, f"{one}_{self.name}") for one in ("place", "size", "limit"))
        return f"{place} of {size} {self.of}, {self.by}; {limit} may stay"


def crowds(rule: Rule) -> list[Crowd]:
    """What the rule asks of responses together, in order."""
    best = rule.of_prompt == "best"
    known = (
        Crowd(
            "of_prompt", lambda rows: rows.prompt_id, by_rating if best else by_approval, partial(_fixed, 1),
            "of this prompt", f"the {'best rated, then approved last' if best else 'approved last'} first",
        ),
        Crowd(
            "per_writer", writer_of, lambda rows: [rows.submission_id], partial(_fixed, rule.per_writer or 0),
            "of this writer", "the earliest first",
        ),
        Crowd(
            "max_share", category_of, by_hash, partial(fair_limit, rule.max_share or 0),
            "of this category", "in the order of a hash",
        ),
    )  # fmt: skip
    asked = phrases(rule)
    return [crowd for crowd in known if crowd.name in asked]


def writer_of(rows: Rows) -> ColumnElement[Any]:
    """Whose share a response counts to. A source is no writer: each imported pair stands by itself."""
    return func.coalesce(rows.author_id, -rows.submission_id)


def category_of(rows: Rows) -> ColumnElement[Any]:
    """The category's name, empty for none."""
    return func.coalesce(rows.category, "")


def by_approval(rows: Rows) -> list[ColumnElement[Any]]:
    """The one approved last first."""
    return [rows.approved.desc().nulls_last(), rows.submission_id.desc()]


def by_rating(rows: Rows) -> list[ColumnElement[Any]]:
    """The best rated first, then the one approved last."""
    return [func.coalesce(mean_rating(rows.ratings), 0.0).desc(), *by_approval(rows)]


def by_hash(rows: Rows) -> list[ColumnElement[Any]]:
    """An order that neither a person nor the clock chose, and on which every machine agrees."""
    return [func.sha256(func.convert_to(literal("share:") + cast(rows.submission_id, Text), "UTF8"))]


def _fixed(most: int, rows: FromClause, meant: ColumnElement[bool]) -> ColumnElement[int]:
    return literal(most, BigInteger)


def fair_limit(percent: int, rows: FromClause, meant: ColumnElement[bool]) -> ColumnElement[int]:
    """The most rows of one category such that none has more than `percent` of all rows that are then left.

    Cutting a large category makes all of them fewer, so its share is that of what is left. Let every category keep up
    to t rows. What is left then grows ever more slowly with t, so the largest category's share never shrinks as t
    grows: there is one largest t at which it fits. Nothing is left where there are too few categories for the percent.

    Between two sizes, t rows are left of each of the `larger` categories and all of the `smaller` rows, so t fits where
    100 t <= percent (smaller + larger t). The answer is the largest t that fits and lies between its two sizes.
    """
    size = func.count()
    sizes = select(size.label("size")).select_from(rows).where(meant).group_by(category_of(rows.c)).cte()
    rank = func.row_number().over(order_by=sizes.c.size)
    ranked = select(
        sizes.c.size,
        func.coalesce(func.lag(sizes.c.size).over(order_by=sizes.c.size), 0).label("before"),
        (func.sum(sizes.c.size).over(order_by=sizes.c.size, rows=(None, 0)) - sizes.c.size).label("smaller"),
        (func.count().over() - rank + 1).label("larger"),
    ).cte()
    grows = 100 - percent * ranked.c.larger  # by how much 100 t outgrows what is allowed, a row
    fits = case(
        (grows <= 0, ranked.c.size), else_=func.least(ranked.c.size, func.div(percent * ranked.c.smaller, grows))
    )
    most = select(func.max(fits)).where(fits > ranked.c.before).scalar_subquery()
    return func.coalesce(cast(most, BigInteger), 0)


def judged_now(project_id: int, rule: Rule) -> CTE:
    """The approved responses of a project without their texts, and what a rule makes of them: see `judged`."""
    row = approved_revisions(project_id).order_by(None).subquery("approved").c
    plain = (row.submission_id, row.prompt_id, row.author_id, row.edited, row.category, row.language, row.licence)
    more = (row.source, row.tags, row.guidelines, row.ratings, row.handed_in, row.decided_at.label("approved"))
    return judged(rule, select(*plain, *more).cte("candidates"))


def judged(rule: Rule, rows: FromClause) -> CTE:
    """A table of approved responses with what a rule makes of them: `failed` names the condition that one fails first.

    It is null for those that are taken. Beside it stand `met_…` of each condition on one response, `place_…`, `size_…`,
    `limit_…` of each condition on many, for those that were left when its turn came, and `alone_…` of each condition:
    whether it would take the response out if it were the only one.
    """
    asked = conditions(rule, rows.c)
    met = select(*rows.c, *(one.meets.label(f"met_{one.name}") for one in asked))
    answered = met.cte("answered").prefix_with("MATERIALIZED")  # else each answer is worked out wherever it is used
    unmet = {one.name: ~answered.c[f"met_{one.name}"] for one in asked}
    failed = case(*((out, name) for name, out in unmet.items())) if unmet else cast(null(), Text)
    alone = (out.label(f"alone_{name}") for name, out in unmet.items())
    table = select(*answered.c, *alone, failed.label("failed")).cte("by_itself")
    for crowd in crowds(rule):
        table = _seated(crowd, table)
    return table


def _seated(crowd: Crowd, rows: CTE) -> CTE:
    """The table after one more condition on many."""
    name, group, left = crowd.name, crowd.group(rows.c), rows.c.failed.is_(None)
    of_those_left = [left, group]
    any_place = func.row_number().over(partition_by=group)
    seats = select(
        *rows.c,
        func.row_number().over(partition_by=of_those_left, order_by=crowd.order(rows.c)).label(f"place_{name}"),
        func.count().over(partition_by=of_those_left).label(f"size_{name}"),
        crowd.limit(rows, left).label(f"limit_{name}"),
        (any_place > crowd.limit(rows, true())).label(f"alone_{name}"),
    ).cte(f"seats_{name}")
    out = and_(seats.c.failed.is_(None), seats.c[f"place_{name}"] > seats.c[f"limit_{name}"])
    kept = (column for column in seats.c if column.name != "failed")
    return select(*kept, case((out, name), else_=seats.c.failed).label("failed")).cte(f"after_{name}")


@dataclass(frozen=True)
class Step:
    """What a condition does: how many rows it takes out when its turn comes, how many it would alone, how many stay."""

    name: str
    phrase: str
    out: int
    alone: int
    left: int


def steps(rule: Rule, total: int, out: Mapping[str, int], alone: Mapping[str, int]) -> Iterator[Step]:
    """The conditions in order, each with its counts."""
    for name, phrase in phrases(rule).items():
        total -= out.get(name, 0)
        yield Step(name, phrase, out.get(name, 0), alone[name], total)


@dataclass(frozen=True)
class Answer:
    """What one condition says of one response: `met` is None where the response was out before it was asked."""

    name: str
    phrase: str
    found: str
    met: bool | None


def explained(rule: Rule, row: Row[Any]) -> list[Answer]:
    """What each condition of a rule says of a row of `judged`."""
    phrase = phrases(rule)
    asked = (name for name in phrase if name in FINDS)
    answers = [Answer(name, phrase[name], FINDS[name](row), getattr(row, f"met_{name}")) for name in asked]
    for crowd in crowds(rule):
        is_left = all(answer.met for answer in answers)
        met = row.failed != crowd.name if is_left else None
        answers.append(Answer(crowd.name, phrase[crowd.name], crowd.finds(row) if is_left else "", met))
    return answers
