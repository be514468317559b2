"""What an actor can see of datasets and versions. Nothing here writes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.datasets.models import Dataset, Split, Version, VersionRow, VersionStatus
from app.datasets.rules import Rule, Sieve
from app.review.queries import approved_revisions

BATCH = 500


def visible_to(actor: Actor) -> Select[Dataset]:
    """Datasets of the projects that the actor reviews."""
    return select(Dataset).where(Dataset.project_id.in_(actor.reviewed_projects()))


def get_dataset_for(session: Session, actor: Actor, dataset_id: int) -> Dataset:
    """The dataset. NotFound where it does not exist for this actor."""
    if dataset := session.scalar(visible_to(actor).where(Dataset.id == dataset_id)):
        return dataset
    raise NotFound("datasets.not_found", "There is no such dataset.")


def list_datasets(session: Session, actor: Actor, project_id: int) -> Sequence[Dataset]:
    """The datasets of a project, by name."""
    return session.scalars(visible_to(actor).where(Dataset.project_id == project_id).order_by(Dataset.name)).all()


def versions_visible_to(actor: Actor) -> Select[Version]:
    """Versions of the projects that the actor reviews."""
    return select(Version).where(Version.project_id.in_(actor.reviewed_projects()))


def get_version_for(session: Session, actor: Actor, version_id: int) -> Version:
    """The version with its dataset. NotFound where it does not exist for this actor."""
    found = versions_visible_to(actor).where(Version.id == version_id).options(joinedload(Version.dataset))
    if version := session.scalar(found):
        return version
    raise NotFound("datasets.version_not_found", "There is no such version.")


def list_versions(session: Session, actor: Actor, dataset_id: int) -> Sequence[Version]:
    """The versions of a dataset, newest first."""
    found = versions_visible_to(actor).where(Version.dataset_id == dataset_id).options(joinedload(Version.dataset))
    return session.scalars(found.order_by(Version.number.desc())).all()


def newest_published(session: Session, dataset_id: int) -> Version | None:
    """The newest published version of a dataset."""
    found = select(Version).where(Version.dataset_id == dataset_id, Version.status == VersionStatus.PUBLISHED)
    return session.scalar(found.order_by(Version.number.desc()).limit(1))


def preview(session: Session, project_id: int, rule: Rule) -> Sieve:
    """What a version would hold now, counted: the sieve after every approved response went through it."""
    sieve = Sieve(rule)
    stream = session.execute(approved_revisions(project_id).execution_options(yield_per=BATCH))
    for row in stream.mappings():
        sieve.takes(dict(row))
    return sieve


def rows_of(
    session: Session, version_id: int, *, split: Split | None = None, after: int = 0, limit: int = 21
) -> Sequence[VersionRow]:
    """Rows of a version in their order, past the position `after`."""
    found = select(VersionRow).where(VersionRow.version_id == version_id, VersionRow.position > after)
    if split is not None:
        found = found.where(VersionRow.split == split)
    return session.scalars(found.order_by(VersionRow.position).limit(limit)).all()


def differences(session: Session, old_id: int, new_id: int) -> dict[str, list[dict[str, Any]]]:
    """What changed from one version to another: rows added, removed, with a newer revision, moved to another split."""
    old = {row.submission_id: row for row in session.scalars(select(VersionRow).where(VersionRow.version_id == old_id))}
    new = {row.submission_id: row for row in session.scalars(select(VersionRow).where(VersionRow.version_id == new_id))}
    both = sorted(old.keys() & new.keys())
    return {
        "added": [{"submission_id": one, "split": new[one].split} for one in sorted(new.keys() - old.keys())],
        "removed": [{"submission_id": one, "split": old[one].split} for one in sorted(old.keys() - new.keys())],
        "changed": [
            {"submission_id": one, "split": new[one].split}
            for one in both
            if old[one].revision_id != new[one].revision_id
        ],
        "moved": [
            {"submission_id": one, "split": new[one].split, "was": old[one].split}
            for one in both
            if old[one].split != new[one].split
        ],
    }
