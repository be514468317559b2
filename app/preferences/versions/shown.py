"""What pages and programs are shown of the rows of a version: their texts, and which should be used no longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.paging import PAGE_SIZE
from app.datasets.models import Part, Version
from app.datasets.withdrawn import Dropped
from app.preferences.models import ComparedResponse, ComparisonPair, ComparisonPrompt, PreferenceRow
from app.projects.models import Category
from app.prompts.models import Prompt
from app.prompts.no_longer_used import lost_consent
from app.writing.models import Submission, SubmissionStatus


@dataclass(frozen=True)
class ShownPair:
    """One row of a version as a page shows it."""

    position: int
    part: Part
    pair_id: int
    category: str
    language: str
    prompt: list[dict[str, Any]]
    chosen: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    opinions: int
    agreed: int
    strength: str

    @property
    def id(self) -> str:
        """Its id in the files."""
        return f"c{self.pair_id}"


def shown_pairs(
    session: Session, version_id: int, part: Part | None, after: int, limit: int = PAGE_SIZE + 1
) -> list[ShownPair]:
    """Rows of a version with their texts, past the position `after`."""
    chosen, rejected = aliased(ComparedResponse), aliased(ComparedResponse)
    found = (
        select(PreferenceRow, ComparisonPrompt, chosen.messages, rejected.messages, Prompt.language, Category.name)
        .join(ComparisonPair, ComparisonPair.id == PreferenceRow.pair_id)
        .join(ComparisonPrompt, ComparisonPrompt.id == ComparisonPair.comparison_prompt_id)
        .join(chosen, chosen.id == PreferenceRow.chosen_id)
        .join(rejected, rejected.id == PreferenceRow.rejected_id)
        .join(Prompt, Prompt.id == PreferenceRow.prompt_id)
        .outerjoin(Category, Category.id == Prompt.category_id)
        .where(PreferenceRow.version_id == version_id, PreferenceRow.position > after)
        .order_by(PreferenceRow.position)
        .limit(limit)
    )
    if part is not None:
        of_part = PreferenceRow.held_out.is_not_distinct_from(part.held_out)
        found = found.where(PreferenceRow.split == part.in_split, of_part)
    return [
        ShownPair(
            row.position, row.part, row.pair_id, category or "", asked.language or language,
            asked.messages, better, worse, row.opinions, row.agreed, row.strength,
        )
        for row, asked, better, worse, language, category in session.execute(found)
    ]  # fmt: skip


def dropped_pairs(session: Session, version: Version, after: int, limit: int) -> list[Dropped]:
    """The next rows of a version with a response that was withdrawn since, or a question that was taken back."""
    found = _dropped(version).add_columns(_withdrawn_in_row().scalar_subquery())
    found = found.where(PreferenceRow.position > after).order_by(PreferenceRow.position).limit(limit)
    return [
        Dropped(f"c{row.pair_id}", row.part, row.position, submission_id or 0)
        for row, submission_id in session.execute(found)
    ]


def count_dropped_pairs(session: Session, versions: Sequence[Version]) -> dict[int, int]:
    """How many rows of each of these versions were withdrawn since, by the version's id; those without any are not
    there."""
    counted = _dropped(*versions).with_only_columns(PreferenceRow.version_id, func.count())
    return dict(session.execute(counted.group_by(PreferenceRow.version_id)).all())


def _dropped(*versions: Version) -> Select[PreferenceRow]:
    asked = select(Prompt.id).where(Prompt.id == PreferenceRow.prompt_id, lost_consent()).correlate(PreferenceRow)
    gone = or_(_withdrawn_in_row().exists(), asked.exists())
    return select(PreferenceRow).where(PreferenceRow.version_id.in_([one.id for one in versions]), gone)


def _withdrawn_in_row() -> Select[int]:
    withdrawn = select(Submission.id).join(ComparedResponse, ComparedResponse.submission_id == Submission.id)
    of_row = ComparedResponse.id.in_((PreferenceRow.chosen_id, PreferenceRow.rejected_id))
    withdrawn = withdrawn.where(of_row, Submission.status == SubmissionStatus.WITHDRAWN)
    return withdrawn.order_by(Submission.id.desc()).limit(1).correlate(PreferenceRow)
