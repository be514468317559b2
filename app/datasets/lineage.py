"""Where a row of a version comes from: its submission, the reviews of it, its guidelines, its split, its sisters."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.datasets.models import Part, PromptSplit, Split, Version, VersionRow, VersionStatus
from app.datasets.queries import get_version_for
from app.projects.models import Category, Guidelines
from app.prompts.models import Prompt
from app.review.models import Review
from app.review.queries import pseudonym_of, reviews_of
from app.writing.models import Revision, Submission

VERSIONS_SHOWN = 100


@dataclass(frozen=True)
class Held:
    """Another published version of the project that holds the same submission: which revision, in which split."""

    version_id: int
    dataset: str
    number: int
    split: Split
    revision: int


@dataclass(frozen=True)
class Settled:
    """Why a row is in its split: its cluster of prompts much alike, how many these are, what version settled it last.

    `split` is that of its prompt now; where it is another than the row's, the prompt has moved since.
    """

    cluster: int
    prompts: int
    split: Split
    version_id: int
    dataset: str
    number: int


@dataclass(frozen=True)
class Lineage:
    """A row as it was published, and everything that it comes from. `reviews`: the oldest first.

    Of an imported pair there are no guidelines, no annotator and no reviews: its prompt has source and licence.
    """

    version: Version
    position: int
    part: Part
    submission: Submission
    revision: Revision
    prompt: Prompt
    category: str
    guidelines: int | None
    annotator: str
    reviews: Sequence[Review]
    settled: Settled | None
    held: Sequence[Held]
    held_more: bool

    @property
    def split(self) -> Split:
        """The split of the row, which its part is of."""
        return self.part.in_split

    @property
    def row_id(self) -> str:
        """The `id` of the row in the files."""
        return f"s{self.submission.id}-r{self.revision.number}"


def lineage_of(session: Session, actor: Actor, version_id: int, submission_id: int) -> Lineage:
    """Where the row of a submission comes from. NotFound where this version does not hold it."""
    version = get_version_for(session, actor, version_id)
    found = (
        select(VersionRow, Submission, Revision, Prompt, Category.name, Guidelines.version)
        .join(Submission, Submission.id == VersionRow.submission_id)
        .join(Revision, Revision.id == VersionRow.revision_id)
        .join(Prompt, Prompt.id == VersionRow.prompt_id)
        .join(Guidelines, Guidelines.id == Revision.guidelines_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .where(VersionRow.version_id == version.id, VersionRow.submission_id == submission_id)
    )
    if (known := session.execute(found).one_or_none()) is None:
        raise NotFound("datasets.no_such_row", "This version holds no such row.")
    row, submission, revision, prompt, category, guidelines = known
    held = held_in(session, submission.id)
    return Lineage(
        version=version,
        position=row.position,
        part=row.part,
        submission=submission,
        revision=revision,
        prompt=prompt,
        category=category or "",
        guidelines=None if submission.imported_by else guidelines,
        annotator=pseudonym_of(session, version.project_id, submission.author_id),
        reviews=reviews_of(session, submission.id),
        settled=settled_by(session, row.prompt_id),
        held=held[:VERSIONS_SHOWN],
        held_more=len(held) > VERSIONS_SHOWN,
    )


def settled_by(session: Session, prompt_id: int) -> Settled | None:
    """What the split of a prompt was settled by, last."""
    found = select(PromptSplit, Version).join(Version, Version.id == PromptSplit.settled_in)
    known = session.execute(
        found.where(PromptSplit.prompt_id == prompt_id).options(joinedload(Version.dataset))
    ).one_or_none()
    if known is None:
        return None
    settled, version = known
    alike = select(func.count()).where(
        PromptSplit.project_id == settled.project_id, PromptSplit.cluster == settled.cluster
    )
    prompts = session.scalar(alike) or 1
    return Settled(settled.cluster, prompts, settled.split, version.id, version.dataset.name, version.number)


def held_in(session: Session, submission_id: int) -> list[Held]:
    """The published versions that hold a submission, the newest first, up to a hundred and one."""
    found = (
        select(Version, VersionRow.split, Revision.number)
        .join(VersionRow, VersionRow.version_id == Version.id)
        .join(Revision, Revision.id == VersionRow.revision_id)
        .where(VersionRow.submission_id == submission_id, Version.status == VersionStatus.PUBLISHED)
        .options(joinedload(Version.dataset))
        .order_by(Version.id.desc())
        .limit(VERSIONS_SHOWN + 1)
    )
    return [
        Held(version.id, version.dataset.name, version.number, split, revision)
        for version, split, revision in session.execute(found)
    ]
