"""Which pairs of a project were judged, and what people said of each: one statement, so one snapshot."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Membership
from app.preferences.models import (
    Choice,
    ComparedResponse,
    Comparison,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    PairState,
    Purpose,
    Strength,
)
from app.preferences.queries import is_gone
from app.preferences.ranking.models import Ranking, RankingState
from app.preferences.ranking.queue import is_broken
from app.preferences.versions.deciding import Judged, Opinion
from app.preferences.versions.halves import half_of
from app.preferences.versions.rule import People
from app.projects.models import Category
from app.prompts.models import Prompt
from app.writing.models import Submission

BATCH = 500
# Of the table: an alias of the class would relate all classes of the house to each other, wherever this is imported.
FIRST, SECOND = (ComparedResponse.__table__.alias(name) for name in ("first", "second"))


def judged_pairs(project_id: int, *, seconds: int, people: People = "all") -> Select[Any]:
    """The pairs of a project on which one of these people has said what can no longer be taken back, by prompt and
    pair.

    Without texts: `with_texts` adds these.
    """
    counted = opinions(seconds)
    if people != "all":
        # Materialized: PostgreSQL would work the half out anew for every pair.
        half = half_of(project_id, people).cte("half").prefix_with("MATERIALIZED")
        counted = counted.where(Comparison.person_id.in_(select(half.c.person_id)))
    said = counted.lateral("said")
    found = (
        select(
            ComparisonPair.id,
            ComparisonPair.first_id,
            ComparisonPair.second_id,
            ComparisonPair.known_better_id.is_not(None).label("known"),
            is_gone().label("gone"),
            (FIRST.c.messages == SECOND.c.messages).label("same"),
            still_waits(seconds).label("waits"),
            ComparisonPair.ranking_id,
            ComparisonPrompt.id.label("compared_prompt_id"),
            ComparisonPrompt.prompt_id,
            func.coalesce(func.nullif(ComparisonPrompt.language, ""), Prompt.language, "").label("language"),
            ComparisonSet.name.label("set"),
            ComparisonSet.measures_only,
            Prompt.category_id,
            func.coalesce(Category.name, "").label("category"),
            said.c.opinions,
        )
        .select_from(ComparisonPair)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
        .join(ComparisonPrompt, ComparisonPrompt.id == ComparisonPair.comparison_prompt_id)
        .join(FIRST, FIRST.c.id == ComparisonPair.first_id)
        .join(SECOND, SECOND.c.id == ComparisonPair.second_id)
        .outerjoin(Ranking, Ranking.id == ComparisonPair.ranking_id)
        .outerjoin(Prompt, Prompt.id == ComparisonPrompt.prompt_id)
        .outerjoin(Category, Category.id == Prompt.category_id)
        .join(said, said.c.opinions.is_not(None))
        .where(ComparisonPair.project_id == project_id)
        .order_by(ComparisonPrompt.prompt_id, ComparisonPair.id)
    )
    return cast(Select[Any], found)


def still_waits(seconds: int) -> ColumnElement[bool]:
    """Whether somebody is yet to judge a pair or its ranking, or has judged it and can still take their word back.

    A ranking with a text that is gone waits for nobody: what was said of its other pairs stands.
    """
    ranking_waits = and_(Ranking.id.is_not(None), Ranking.state == RankingState.OPEN, ~is_broken())
    young = select(Comparison.id).where(
        Comparison.pair_id == ComparisonPair.id,
        Comparison.purpose == Purpose.PLAIN,
        Comparison.answered_at > func.clock_timestamp() - timedelta(seconds=seconds),
    )
    is_young = young.correlate(ComparisonPair).offset(0).exists()
    return or_(ComparisonPair.state == PairState.OPEN, ranking_waits, is_young)


def opinions(seconds: int) -> Select[Any]:
    """What was said of a pair when it was met for the first time, in the order of saying; null where nothing was."""
    on_the_left = Comparison.left_id == ComparisonPair.first_id
    prefers = case(
        (Comparison.choice.not_in((Choice.LEFT, Choice.RIGHT)), None),
        ((Comparison.choice == Choice.LEFT) == on_the_left, ComparisonPair.first_id),
        else_=ComparisonPair.second_id,
    )
    why = func.to_jsonb(Comparison.reasons)
    one = func.jsonb_build_array(prefers, Comparison.choice, Comparison.strength, why, Comparison.person_id)
    return (
        select(func.jsonb_agg(one).aggregate_order_by(Comparison.id).label("opinions"))
        .where(
            Comparison.pair_id == ComparisonPair.id,
            Comparison.purpose != Purpose.REPEAT,
            Comparison.choice != Choice.SKIPPED,
            Comparison.answered_at <= func.clock_timestamp() - timedelta(seconds=seconds),
        )
        .correlate(ComparisonPair)
    )


def with_texts(pairs: Select[Any]) -> Select[Any]:
    """The same with what was asked and said, and who is to be named for it."""
    columns: list[Any] = [
        ComparisonPrompt.messages.label("prompt_messages"),
        Prompt.source,
        Prompt.licence,
    ]
    for name, response in (("first", FIRST), ("second", SECOND)):
        wrote = aliased(Submission, name=f"{name}_submission")
        member = aliased(Membership, name=f"{name}_writer")
        columns += [
            response.c.messages.label(f"{name}_messages"),
            response.c.source.label(f"{name}_source"),
            response.c.details.label(f"{name}_details"),
            wrote.author_id.label(f"{name}_author_id"),
            func.coalesce(member.pseudonym, "").label(f"{name}_annotator"),
        ]
        pairs = pairs.outerjoin(wrote, wrote.id == response.c.submission_id).outerjoin(
            member, and_(member.project_id == wrote.project_id, member.user_id == wrote.author_id)
        )
    return pairs.add_columns(*columns)


def read(session: Session, pairs: Select[Any]) -> Iterator[tuple[Judged, Mapping[str, Any]]]:
    """Each pair as a rule looks at it, and all its columns."""
    with session.execute(pairs.execution_options(yield_per=BATCH)) as found:
        for row in found.mappings():
            yield judged(row), row  # type: ignore[misc]  # columns are known by name


def judged(row: Mapping[Any, Any]) -> Judged:
    """A pair from a row of `judged_pairs`."""
    return Judged(
        first_id=row["first_id"],
        second_id=row["second_id"],
        known=row["known"],
        gone=row["gone"],
        same=row["same"],
        waits=row["waits"],
        set=row["set"],
        language=row["language"],
        opinions=[
            Opinion(prefers, Choice(choice), Strength(strength) if strength else None, reasons, person_id)
            for prefers, choice, strength, reasons, person_id in row["opinions"]
        ],
    )
