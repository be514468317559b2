"""What of a published version should no longer be used: rows that were withdrawn since."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core.errors import Gone
from app.datasets.models import Part, RetiredVersion, Version, VersionRow
from app.writing.models import Revision, Submission, SubmissionStatus


@dataclass(frozen=True)
class Dropped:
    """A row to drop: its `id` in the files, the file, its place in the version, and the submission that it was.

    `submission_id` is 0 for a pair whose responses stand, and whose question was taken back.
    """

    id: str
    part: Part
    position: int
    submission_id: int


def dropped_rows(session: Session, version: Version, after: int, limit: int) -> list[Dropped]:
    """The next rows of a version that were withdrawn since, past a position, in the order of its files."""
    found = _withdrawn(version).add_columns(Revision.number).join(Revision, Revision.id == VersionRow.revision_id)
    found = found.where(VersionRow.position > after).order_by(VersionRow.position).limit(limit)
    return [
        Dropped(f"s{row.submission_id}-r{number}", row.part, row.position, row.submission_id)
        for row, number in session.execute(found)
    ]


def count_dropped_rows(session: Session, versions: Sequence[Version]) -> dict[int, int]:
    """How many rows of each of these versions were withdrawn since, by the version's id; those without any are not
    there."""
    counted = _withdrawn(*versions).with_only_columns(VersionRow.version_id, func.count())
    return dict(session.execute(counted.group_by(VersionRow.version_id)).all())


def is_retired(session: Session, version_id: int) -> bool:
    """Whether a version held texts of somebody who was erased: its files are gone."""
    return bool(retired_among(session, [version_id]))


def retired_among(session: Session, version_ids: Sequence[int]) -> frozenset[int]:
    """Those of these versions whose files are gone, since they held texts of somebody who was erased."""
    found = select(RetiredVersion.version_id).where(RetiredVersion.version_id.in_(version_ids))
    return frozenset(session.scalars(found))


def require_kept(session: Session, version_id: int) -> None:
    """Gone for what a retired version gave: its files, and the runs on it with their models."""
    if is_retired(session, version_id):
        sentence = "A person whose texts were in this was erased, so it was retired. Take a later version."
        raise Gone("datasets.retired", sentence)


def _withdrawn(*versions: Version) -> Select[VersionRow]:
    """From the few that were withdrawn to their rows, not from all rows of a version to their submissions."""
    projects, ids = {one.project_id for one in versions}, [one.id for one in versions]
    return (
        select(VersionRow)
        .join(Submission, Submission.id == VersionRow.submission_id)
        .where(Submission.project_id.in_(projects), Submission.status == SubmissionStatus.WITHDRAWN)
        .where(VersionRow.version_id.in_(ids))
    )
