"""Where a pair of a version comes from: its set, both responses and their sources, what people said, its split."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.errors import NotFound
from app.datasets.lineage import VERSIONS_SHOWN, Settled, settled_by
from app.datasets.models import Part, Split, Version, VersionStatus
from app.datasets.queries import get_version_for
from app.preferences.desk import reasons_of
from app.preferences.models import (
    Choice,
    ComparedResponse,
    Comparison,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    PreferenceRow,
    Purpose,
    Strength,
)
from app.preferences.versions.withheld import why_pair_withheld
from app.projects.models import Category, Guidelines
from app.prompts.models import Prompt
from app.training.models import Run


@dataclass(frozen=True)
class Said:
    """What one person said of the pair: the response that they prefer, None for neither. `again`: met once more, with
    the sides swapped, which counts for no version. `later`: after this version was published, so not counted in it.
    `guidelines`: their version of that moment."""

    judge: str
    prefers: int | None
    choice: Choice
    strength: Strength | None
    reasons: Sequence[str]
    again: bool
    later: bool
    guidelines: int | None
    at: datetime


@dataclass(frozen=True)
class HeldPair:
    """A published version that holds the pair, and whether the same response is chosen there."""

    version: Version
    part: Part
    opinions: int
    agreed: int
    same_chosen: bool


@dataclass(frozen=True)
class PairLineage:
    """A pair as it was published, and everything that it comes from; `said`: the oldest first.

    `withheld`: why nothing is said, and no source told: its prompt still lies before judges, who may look here, too, or
    who looks still judges in its set.
    """

    version: Version
    row: PreferenceRow
    pair: ComparisonPair
    set: ComparisonSet
    asked: ComparisonPrompt
    prompt: Prompt
    category: str
    chosen: ComparedResponse
    rejected: ComparedResponse
    runs: dict[int, int]
    withheld: str
    said: Sequence[Said]
    settled: Settled | None
    held: Sequence[HeldPair]
    held_more: bool

    @property
    def row_id(self) -> str:
        """The `id` of the row in the files."""
        return f"c{self.pair.id}"

    @property
    def language(self) -> str:
        """In which language it is asked."""
        return self.asked.language or self.prompt.language


def pair_lineage_of(session: Session, actor: Actor, version_id: int, pair_id: int) -> PairLineage:
    """Where a pair of a version comes from. NotFound where this version does not hold it."""
    version = get_version_for(session, actor, version_id)
    found = (
        select(PreferenceRow, ComparisonPair, ComparisonSet, ComparisonPrompt, Prompt, Category.name)
        .join(ComparisonPair, ComparisonPair.id == PreferenceRow.pair_id)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
        .join(ComparisonPrompt, ComparisonPrompt.id == ComparisonPair.comparison_prompt_id)
        .join(Prompt, Prompt.id == PreferenceRow.prompt_id)
        .outerjoin(Category, Category.id == Prompt.category_id)
        .where(PreferenceRow.version_id == version.id, PreferenceRow.pair_id == pair_id)
    )
    if (known := session.execute(found).one_or_none()) is None:
        raise NotFound("preferences.no_such_row", "This version holds no such pair.")
    row, pair, of_set, asked, prompt, category = known
    chosen, rejected = (session.get_one(ComparedResponse, one) for one in (row.chosen_id, row.rejected_id))
    run_ids = {one.run_id for one in (chosen, rejected)}
    held = held_in(session, row)
    withheld = why_pair_withheld(session, actor, row.prompt_id, of_set)
    return PairLineage(
        version=version,
        row=row,
        pair=pair,
        set=of_set,
        asked=asked,
        prompt=prompt,
        category=category or "",
        chosen=chosen,
        rejected=rejected,
        runs=dict(session.execute(select(Run.id, Run.number).where(Run.id.in_(run_ids))).all()),
        withheld=withheld,
        said=[] if withheld else said_of(session, pair, version),
        settled=settled_by(session, row.prompt_id),
        held=held[:VERSIONS_SHOWN],
        held_more=len(held) > VERSIONS_SHOWN,
    )


def said_of(session: Session, pair: ComparisonPair, version: Version) -> list[Said]:
    """What people said of a pair, the oldest first. Who left it to others said nothing."""
    then = select(func.max(Guidelines.version)).where(
        Guidelines.project_id == Comparison.project_id, Guidelines.made_at <= Comparison.answered_at
    )
    found = (
        select(Comparison, Membership.pseudonym, then.correlate(Comparison).scalar_subquery())
        .outerjoin(
            Membership,
            (Membership.project_id == Comparison.project_id) & (Membership.user_id == Comparison.person_id),
        )
        .where(Comparison.pair_id == pair.id, Comparison.choice != Choice.SKIPPED)
        .order_by(Comparison.answered_at, Comparison.id)
    )
    names = dict(reasons_of(session, pair.project_id))
    return [
        Said(
            judge=pseudonym or "",
            prefers=prefers(one, pair),
            choice=one.choice,
            strength=one.strength,
            reasons=[names.get(key, key) for key in one.reasons],
            again=one.purpose is Purpose.REPEAT,
            later=version.published_at is not None and one.answered_at > version.published_at,
            guidelines=guidelines,
            at=one.answered_at,
        )
        for one, pseudonym, guidelines in session.execute(found)
        if one.choice and one.answered_at
    ]


def prefers(one: Comparison, pair: ComparisonPair) -> int | None:
    """The response that a person prefers; None where they said something else."""
    right_id = pair.second_id if one.left_id == pair.first_id else pair.first_id
    return {Choice.LEFT: one.left_id, Choice.RIGHT: right_id}.get(one.choice) if one.choice else None


def held_in(session: Session, row: PreferenceRow) -> list[HeldPair]:
    """The published versions that hold the pair, the newest first, up to a hundred and one."""
    found = (
        select(Version, PreferenceRow)
        .join(PreferenceRow, PreferenceRow.version_id == Version.id)
        .where(PreferenceRow.pair_id == row.pair_id, Version.status == VersionStatus.PUBLISHED)
        .options(joinedload(Version.dataset))
        .order_by(Version.id.desc())
        .limit(VERSIONS_SHOWN + 1)
    )
    return [
        HeldPair(version, other.part, other.opinions, other.agreed, other.chosen_id == row.chosen_id)
        for version, other in session.execute(found)
    ]


def rows_of_pair(pair_id: int) -> Select[int, Split]:
    """The versions that hold a pair, and in which split: what `training.seen` asks of whatever a version holds."""
    return select(PreferenceRow.version_id, PreferenceRow.split).where(PreferenceRow.pair_id == pair_id)
