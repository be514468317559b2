"""Who said what of the same text, and how far did they agree? Where a project asks for two opinions. Only reads.

Looked at are revisions with two opinions: what one reviewer alone has said so far is left out, so that no figure tells
a second one of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.core.charts import Interval
from app.projects.models import Category
from app.review.history.agreement import (
    Cells,
    Measure,
    coincidences,
    estimate,
    kappa,
    nominal_alpha,
    ordinal_alpha,
    percent,
    together,
)
from app.review.models import Decision, Opinion
from app.review.policy import sees_pairs
from app.writing.models import Submission

LOOK_BACK = 2_000  # opinions: the newest 1,000 pairs
FEW = 20  # pairs, below which there is no figure
NUMBER = {decision: number for number, decision in enumerate(Decision)}


@dataclass(frozen=True)
class Said:
    """One of two opinions."""

    reviewer_id: int
    decision: Decision
    ratings: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Judged:
    """A revision that two people judged, neither knowing of the other; `first` is who has the lower number."""

    submission_id: int
    revision_id: int
    category: str
    first: Said
    second: Said

    @property
    def both(self) -> tuple[Said, Said]:
        """The two opinions."""
        return self.first, self.second

    @property
    def disputed(self) -> bool:
        """Whether they decided differently."""
        return self.first.decision is not self.second.decision


@dataclass(frozen=True)
class Agreed:
    """How far people agree on one thing, over so many pairs. `share` said the same, 0 to 1; `beyond` is what of it is
    more than chance: alpha, or kappa of two people. None where there are too few, or where it does not exist."""

    name: str
    pairs: int
    share: Interval | None
    beyond: Interval | None

    @property
    def too_few(self) -> bool:
        """Whether there are too few pairs for a figure."""
        return self.pairs < FEW


@dataclass(frozen=True)
class Agreement:
    """How far a project's reviewers agree. `pairs` of them are told to its administrators alone; `own`: the reader
    against everybody else who judged the same."""

    overall: Agreed
    categories: Sequence[Agreed]
    criteria: Sequence[Agreed]
    pairs: Sequence[Agreed]
    own: Agreed | None


def list_judged(session: Session, project_id: int) -> list[Judged]:
    """The newest revisions with two opinions. Ask first whether the project may be seen."""
    columns = (
        Opinion.submission_id,
        Opinion.revision_id,
        Category.name,
        Opinion.reviewer_id,
        Opinion.decision,
        Opinion.ratings,
        Opinion.created_at,
    )
    newest = select(*columns).join(Submission, Submission.id == Opinion.submission_id)
    newest = newest.outerjoin(Category, Category.id == Submission.category_id).where(Opinion.project_id == project_id)
    given: defaultdict[tuple[int, int, str | None], list[Said]] = defaultdict(list)
    for row in session.execute(newest.order_by(Opinion.id.desc()).limit(LOOK_BACK)):
        given[tuple(row[:3])].append(Said(*row[3:]))
    return [
        Judged(submission_id, revision_id, category or "", *sorted(both, key=lambda one: one.reviewer_id))
        for (submission_id, revision_id, category), both in given.items()
        if len(both) == 2
    ]


def agreement_for(
    session: Session, actor: Actor, project_id: int, rubric: Sequence[Mapping[str, Any]], judged: Sequence[Judged]
) -> Agreement:
    """The figures as this reader may see them; `rubric` is the newest one."""
    mine = [facing(one, actor.user_id) for one in judged if actor.user_id in {each.reviewer_id for each in one.both}]
    return Agreement(
        overall=overall(judged),
        categories=[agreed(name, some, decisions) for name, some in by_category(judged).items()],
        criteria=[agreed(one["name"], judged, rating(one["key"]), ordinal_alpha) for one in rubric],
        pairs=list_pairs(session, judged) if sees_pairs(actor, project_id) else [],
        own=agreed("You", mine, decisions, kappa) if mine else None,
    )


def overall(judged: Sequence[Judged]) -> Agreed:
    """How far all decisions agree."""
    return agreed("All decisions", judged, decisions)


def facing(judged: Judged, user_id: int) -> Judged:
    """The same with this person's opinion first."""
    first, second = sorted(judged.both, key=lambda one: one.reviewer_id != user_id)
    return Judged(judged.submission_id, judged.revision_id, judged.category, first, second)


def by_category(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """What was judged in each category, by name; what is in none is left out."""
    found: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.category:
            found[one.category].append(one)
    return dict(sorted(found.items()))


def list_pairs(session: Session, judged: Iterable[Judged]) -> list[Agreed]:
    """Every two people who judged the same, those who did so most often first."""
    found: defaultdict[tuple[int, int], list[Judged]] = defaultdict(list)
    for one in judged:
        found[one.first.reviewer_id, one.second.reviewer_id].append(one)
    people = {who for both in found for who in both}
    named = {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(people)))}
    many = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [agreed(f"{named[one]} and {named[other]}", both, decisions, kappa) for (one, other), both in many]


def decisions(judged: Judged) -> tuple[int, int] | None:
    """What both decided, as numbers."""
    return NUMBER[judged.first.decision], NUMBER[judged.second.decision]


def rating(key: str) -> Callable[[Judged], tuple[int, int] | None]:
    """What both rated on one criterion; None where one of them did not."""

    def rated(judged: Judged) -> tuple[int, int] | None:
        one, other = (said.ratings.get(key) for said in judged.both)
        return None if one is None or other is None else (one, other)

    return rated


def agreed(
    name: str,
    judged: Iterable[Judged],
    said: Callable[[Judged], tuple[int, int] | None],
    measure: Measure = nominal_alpha,
) -> Agreed:
    """How far both said the same, and how far beyond chance by this measure."""
    found: defaultdict[int, list[Cells]] = defaultdict(list)
    pairs = 0
    for one in judged:
        if both := said(one):
            pairs += 1
            found[one.submission_id].append({both: 1.0} if measure is kappa else coincidences(both))
    if pairs < FEW:
        return Agreed(name, pairs, None, None)
    share, beyond = estimate((together(cells) for cells in found.values()), percent, measure)
    return Agreed(name, pairs, share, beyond)
