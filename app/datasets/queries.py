"""What an actor can see of datasets and versions. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.errors import Conflict, NotFound
from app.core.paging import PAGE_SIZE
from app.datasets.models import (
    AT_WORK,
    Dataset,
    DatasetKind,
    HeldOut,
    KeptOut,
    Part,
    PromptSplit,
    Split,
    Version,
    VersionRow,
    VersionStatus,
)
from app.projects.models import Category, Project
from app.prompts.fingerprints import question
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission

DRAWN = 60  # versions whose dots can still be told apart


def visible_to(actor: Actor) -> Select[Dataset]:
    """Datasets of the projects that the actor reviews."""
    return select(Dataset).where(Dataset.project_id.in_(actor.reviewed_projects()))


def get_dataset_for(session: Session, actor: Actor, dataset_id: int) -> Dataset:
    """The dataset. NotFound where it does not exist for this actor."""
    if dataset := session.scalar(visible_to(actor).where(Dataset.id == dataset_id)):
        return dataset
    raise NotFound("datasets.not_found", "There is no such dataset.")


def get_responses_for(session: Session, actor: Actor, dataset_id: int) -> Dataset:
    """The same where its rule is about responses. Conflict for a dataset of preferences, whose rule is another."""
    dataset = get_dataset_for(session, actor, dataset_id)
    if dataset.kind is not DatasetKind.RESPONSES:
        raise Conflict("datasets.other_kind", "This dataset holds what people prefer; its rule is about pairs.")
    return dataset


def datasets_by_name(session: Session, actor: Actor, project_id: int, *, after: int | None = None) -> Sequence[Dataset]:
    """Up to a page and one of the datasets of a project by name, past the one with the id `after`."""
    found = visible_to(actor).where(Dataset.project_id == project_id)
    if after is not None:
        last = select(Dataset.name).where(Dataset.id == after).scalar_subquery()
        found = found.where(tuple_(Dataset.name, Dataset.id) > tuple_(last, after))
    return session.scalars(found.order_by(Dataset.name, Dataset.id).limit(PAGE_SIZE + 1)).all()


def datasets_after(session: Session, actor: Actor, project_id: int, *, after: int = 0) -> Sequence[Dataset]:
    """Up to a page and one of the datasets of a project past the id `after`, the oldest first."""
    found = visible_to(actor).where(Dataset.project_id == project_id, Dataset.id > after)
    return session.scalars(found.order_by(Dataset.id).limit(PAGE_SIZE + 1)).all()


def find_datasets(
    session: Session, actor: Actor, *, name: str | None = None, after: int = 0
) -> list[tuple[Dataset, str, int | None]]:
    """Up to a page and one of the datasets of all projects that the actor reviews, past the id `after`.

    With each the name of its project and the number of its newest published version, if it has one.
    """
    newest = (
        select(func.max(Version.number))
        .where(Version.dataset_id == Dataset.id, Version.status == VersionStatus.PUBLISHED)
        .scalar_subquery()
    )
    found = visible_to(actor).where(Dataset.id > after).join(Project, Project.id == Dataset.project_id)
    if name is not None:
        found = found.where(Dataset.name == name)
    rows = found.add_columns(Project.name, newest).order_by(Dataset.id).limit(PAGE_SIZE + 1)
    return [(dataset, project, number) for dataset, project, number in session.execute(rows)]


def versions_visible_to(actor: Actor) -> Select[Version]:
    """Versions of the projects that the actor reviews."""
    return select(Version).where(Version.project_id.in_(actor.reviewed_projects()))


def get_version_for(session: Session, actor: Actor, version_id: int) -> Version:
    """The version with its dataset. NotFound where it does not exist for this actor."""
    found = versions_visible_to(actor).where(Version.id == version_id).options(joinedload(Version.dataset))
    if version := session.scalar(found):
        return version
    raise NotFound("datasets.version_not_found", "There is no such version.")


def two_versions_for(session: Session, actor: Actor, version_id: int, other_id: int) -> tuple[Version, Version]:
    """Two published versions of one project, of the same dataset or of two. NotFound where they cannot be compared."""
    newer, older = (get_version_for(session, actor, one) for one in (version_id, other_id))
    alike = newer.project_id == older.project_id and newer.dataset.kind is older.dataset.kind
    if not alike or {newer.status, older.status} != {VersionStatus.PUBLISHED}:
        raise NotFound("datasets.not_comparable", "Only published versions of one project and kind can be compared.")
    return newer, older


def comparable_with(session: Session, actor: Actor, version: Version) -> list[tuple[int, str]]:
    """Id and name of the project's other published versions, the newest 200: those of the same dataset first."""
    found = (
        versions_visible_to(actor)
        .where(Version.project_id == version.project_id, Version.id != version.id)
        .where(Version.status == VersionStatus.PUBLISHED, Version.dataset.has(kind=version.dataset.kind))
        .options(joinedload(Version.dataset))
        .order_by((Version.dataset_id == version.dataset_id).desc(), Version.id.desc())
        .limit(200)
    )
    return [(one.id, f"{one.dataset.name}, version {one.number}") for one in session.scalars(found)]


def versions_before(session: Session, actor: Actor, dataset_id: int, *, before: int | None = None) -> Sequence[Version]:
    """Up to a page and one of the versions of a dataset, newest first, before the number `before`."""
    found = versions_visible_to(actor).where(Version.dataset_id == dataset_id).options(joinedload(Version.dataset))
    if before is not None:
        found = found.where(Version.number < before)
    return session.scalars(found.order_by(Version.number.desc()).limit(PAGE_SIZE + 1)).all()


def newest_published_of(session: Session, actor: Actor, dataset_id: int) -> Sequence[tuple[int, int]]:
    """Id and number of the newest 20 published versions of a dataset."""
    found = versions_visible_to(actor).with_only_columns(Version.id, Version.number)
    found = found.where(Version.dataset_id == dataset_id, Version.status == VersionStatus.PUBLISHED)
    return [(one, number) for one, number in session.execute(found.order_by(Version.number.desc()).limit(PAGE_SIZE))]


def growth_until(session: Session, dataset_id: int, number: int | None = None) -> list[tuple[int, int]]:
    """Number and rows of the newest published versions of a dataset, up to a number: as many as a picture can show."""
    found = select(Version.number, Version.counts).where(
        Version.dataset_id == dataset_id, Version.status == VersionStatus.PUBLISHED
    )
    if number is not None:
        found = found.where(Version.number <= number)
    newest = session.execute(found.order_by(Version.number.desc()).limit(DRAWN)).all()
    return [(one, sum(counts.values())) for one, counts in reversed(newest)]


def is_at_work(session: Session, dataset_id: int) -> bool:
    """Whether a version of a dataset is being published, or waits for it."""
    at_work = select(Version.id).where(Version.dataset_id == dataset_id, Version.status.in_(AT_WORK))
    return session.scalar(at_work.limit(1)) is not None


def newest_of(session: Session, datasets: Sequence[Dataset]) -> dict[int, Version]:
    """The newest published version of each dataset that has one, by the dataset's id."""
    published = select(Version).where(
        Version.dataset_id.in_([dataset.id for dataset in datasets]), Version.status == VersionStatus.PUBLISHED
    )
    newest = published.ext(distinct_on(Version.dataset_id)).order_by(Version.dataset_id, Version.number.desc())
    return {version.dataset_id: version for version in session.scalars(newest)}


def newest_published(session: Session, dataset_id: int) -> Version | None:
    """The newest published version of a dataset."""
    found = select(Version).where(Version.dataset_id == dataset_id, Version.status == VersionStatus.PUBLISHED)
    return session.scalar(found.order_by(Version.number.desc()).limit(1))


def test_prompts(session: Session, project_id: int) -> dict[int, str]:
    """What the prompts of a project ask that are tested on, for ever: those that some version has put into its test
    split, and those of categories that are held out."""
    outside = select(KeptOut.category_id).where(KeptOut.project_id == project_id, KeptOut.kind == HeldOut.CATEGORIES)
    settled = select(PromptSplit.prompt_id).where(PromptSplit.project_id == project_id, PromptSplit.split == Split.TEST)
    found = select(Prompt.id, Prompt.messages).where(
        Prompt.project_id == project_id, or_(Prompt.id.in_(settled), Prompt.category_id.in_(outside))
    )
    return {prompt_id: question(messages) for prompt_id, messages in session.execute(found)}


def learned_prompts(session: Session, project_id: int) -> dict[int, str]:
    """What the prompts ask that some version of the project learns from, or has put into its validation split."""
    learned = (Split.TRAIN, Split.VALIDATION)
    settled = select(PromptSplit.prompt_id).where(PromptSplit.project_id == project_id, PromptSplit.split.in_(learned))
    found = select(Prompt.id, Prompt.messages).where(Prompt.project_id == project_id, Prompt.id.in_(settled))
    return {prompt_id: question(messages) for prompt_id, messages in session.execute(found)}


@dataclass(frozen=True)
class Kept:
    """A category, or a writer by pseudonym, that no version of the project trains on, and since when."""

    kind: HeldOut
    name: str
    category_id: int | None
    version_id: int
    since: datetime | None


def kept_out(session: Session, project_id: int) -> list[Kept]:
    """All that versions of a project have held out, the first first."""
    found = (
        select(KeptOut.kind, func.coalesce(Category.name, Membership.pseudonym, ""), KeptOut.category_id,
               KeptOut.settled_in, Version.published_at)
        .join(Version, Version.id == KeptOut.settled_in)
        .outerjoin(Category, Category.id == KeptOut.category_id)
        .outerjoin(
            Membership, and_(Membership.project_id == KeptOut.project_id, Membership.user_id == KeptOut.user_id)
        )
        .where(KeptOut.project_id == project_id)
        .order_by(KeptOut.id)
    )  # fmt: skip
    return [Kept(*row) for row in session.execute(found)]


@dataclass(frozen=True)
class Shown:
    """One row of a version as a page shows it: the revision that was published, whatever came after."""

    id: str
    position: int
    part: Part
    category: str
    language: str
    messages: list[dict[str, Any]]
    submission_id: int


def shown_rows(
    session: Session, version_id: int, *, part: Part | None, after: int, limit: int = PAGE_SIZE + 1
) -> list[Shown]:
    """Rows of a version with their texts, past the position `after`."""
    found = (
        select(VersionRow, Revision, Prompt.language, Category.name)
        .join(Revision, Revision.id == VersionRow.revision_id)
        .join(Prompt, Prompt.id == VersionRow.prompt_id)
        .outerjoin(Submission, Submission.id == VersionRow.submission_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .where(VersionRow.version_id == version_id, VersionRow.position > after)
        .order_by(VersionRow.position)
        .limit(limit)
    )
    if part is not None:
        found = found.where(VersionRow.split == part.in_split, VersionRow.held_out.is_not_distinct_from(part.held_out))
    return [
        Shown(
            f"s{row.submission_id}-r{revision.number}",
            row.position,
            row.part,
            name or "",
            language,
            [*revision.prompt_messages, *revision.messages],
            row.submission_id,
        )
        for row, revision, language, name in session.execute(found)
    ]


def published_before(session: Session, version: Version) -> Version | None:
    """The published version that came before this one."""
    found = select(Version).where(
        Version.dataset_id == version.dataset_id,
        Version.number < version.number,
        Version.status == VersionStatus.PUBLISHED,
    )
    return session.scalar(found.order_by(Version.number.desc()).limit(1))
