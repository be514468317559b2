"""Publishing a version: read once, keep the files, list it last. Killed anywhere and begun again, it ends alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Role
from app.accounts.notices import tell, tell_all
from app.accounts.queries import members
from app.core.storage import Storage
from app.datasets.card import card
from app.datasets.files import CARD, MANIFEST, FileFact, keep
from app.datasets.gather import Fact, Gathered, chosen, split_up
from app.datasets.manifest import canonical, content_hash, describe
from app.datasets.models import PromptSplit, Split, Version, VersionStatus
from app.projects.models import Project

COPY_ROWS = "COPY version_rows (version_id, position, split, submission_id, revision_id, prompt_id) FROM STDIN"

SETTLE = """
INSERT INTO prompt_splits AS old (prompt_id, project_id, cluster, split, settled_in)
SELECT prompt_id, :project_id, cluster, split, :version_id
FROM unnest(CAST(:prompts AS bigint[]), CAST(:clusters AS bigint[]), CAST(:splits AS text[]))
    AS new (prompt_id, cluster, split)
ON CONFLICT (prompt_id) DO UPDATE
    SET cluster = excluded.cluster, split = excluded.split, settled_in = excluded.settled_in
    WHERE (old.cluster, old.split) <> (excluded.cluster, excluded.split)
"""


class NothingToPublish(Exception):
    """The rule takes no approved response, so there is no version to make."""


class SplitsMoved(Exception):
    """Another version of the project was listed while this one was made; its splits count, so begin again."""


@dataclass(frozen=True)
class Task:
    """What a version is to be: read once, before the work."""

    version: Version
    project: str
    dataset: str
    parent: int | None


@dataclass(frozen=True)
class Made:
    """A version whose files are in storage and whose rows are not listed yet."""

    rows: Sequence[tuple[Fact, Split]]
    manifest: dict[str, Any]
    kept: Mapping[int, Split]
    split_of: Mapping[int, Split]
    cluster_of: Mapping[int, int]


def begin(session: Session, version_id: int) -> Task | None:
    """Take a queued version, or one whose worker died, into work. None when there is nothing left to do."""
    taken = (
        update(Version)
        .where(Version.id == version_id, Version.status.in_([VersionStatus.QUEUED, VersionStatus.RUNNING]))
        .values(status=VersionStatus.RUNNING, progress="Reading what is approved")
        .returning(Version.id)
    )
    if session.scalar(taken) is None:
        return None
    version = session.get_one(Version, version_id, options=[joinedload(Version.dataset)])
    project = session.scalars(select(Project.name).where(Project.id == version.project_id)).one()
    parent = session.scalar(select(Version.number).where(Version.id == version.parent_id))
    return Task(version, project, version.dataset.name, parent)


def make(task: Task, gathered: Gathered, storage: Storage, tell: Callable[[str], None]) -> Made:
    """Split what was read and put the files into storage. Nothing is listed yet, and no transaction is open."""
    facts = chosen(gathered, task.version.rule)
    if not facts:
        raise NothingToPublish
    tell(f"Comparing the prompts of {len(facts):,} rows")
    split_of, cluster_of = split_up(gathered, facts, salt=str(task.version.project_id))
    tell(f"Writing {len(facts):,} rows")
    rows = {split: [fact for fact in facts if split_of[fact.prompt_id] is split] for split in Split}
    manifest = describe(
        project=task.project,
        dataset=task.dataset,
        number=task.version.number,
        parent=task.parent,
        rule=task.version.rule,
        criteria=gathered.criteria,
        rows=rows,
        consents=gathered.consents,
        guideline_texts=gathered.guideline_texts,
    )
    for fact in keep_files(storage, task.version.id, gathered, rows, manifest):
        manifest["files"][fact.name] = {"bytes": fact.bytes, "sha256": fact.sha256}
    for split in Split:
        manifest["files"][f"{split}.jsonl"]["rows"] = len(rows[split])
    keep(storage, task.version.id, MANIFEST, lambda: [canonical(manifest)])
    placed = [(fact, split_of[fact.prompt_id]) for fact in facts]
    return Made(placed, manifest, gathered.kept, split_of, cluster_of)


def keep_files(
    storage: Storage,
    version_id: int,
    gathered: Gathered,
    rows: Mapping[Split, Sequence[Fact]],
    manifest: Mapping[str, Any],
) -> Iterator[FileFact]:
    """Store the data files and the card."""
    for split, facts in rows.items():
        yield keep(storage, version_id, f"{split}.jsonl", partial(gathered.spool.lines, facts))
    words = card(manifest).encode()
    yield keep(storage, version_id, CARD, lambda: [words])


def publish(session: Session, version_id: int, made: Made) -> None:
    """List a version whose files are stored, unless somebody listed it already. SplitsMoved when it must be remade."""
    listed = (
        update(Version)
        .where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
        .values(
            status=VersionStatus.PUBLISHED,
            counts=made.manifest["rows"],
            manifest=made.manifest,
            content_hash=content_hash(made.manifest),
            progress="",
            published_at=func.now(),
        )
        .returning(Version.project_id, Version.number)
    )
    if (version := session.execute(listed).one_or_none()) is not None:
        keep_splits(session, version_id, version.project_id, made)
        copy_rows(session, version_id, made.rows)
        tell_all(
            session, members(version.project_id, Role.REVIEWER, Role.ADMIN), "version_published",
            project_id=version.project_id, subject="version", subject_id=version_id, number=version.number,
        )  # fmt: skip


def keep_splits(session: Session, version_id: int, project_id: int, made: Made) -> None:
    """Remember each prompt's split for every later version of the project, one version at a time."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    now = select(PromptSplit.prompt_id, PromptSplit.split).where(PromptSplit.project_id == project_id)
    if dict(session.execute(now).all()) != made.kept:
        raise SplitsMoved
    session.execute(
        text(SETTLE),
        {
            "prompts": list(made.split_of),
            "splits": [split.value for split in made.split_of.values()],
            "clusters": [made.cluster_of[prompt_id] for prompt_id in made.split_of],
            "project_id": project_id,
            "version_id": version_id,
        },
    )


def copy_rows(session: Session, version_id: int, rows: Sequence[tuple[Fact, Split]]) -> None:
    """Store which rows the version holds, in the order of its files."""
    connection = session.connection().connection.driver_connection
    assert connection
    with connection.cursor() as cursor, cursor.copy(COPY_ROWS) as copy:
        for position, (fact, split) in enumerate(rows, 1):
            ids = (fact.submission_id, fact.revision_id, fact.prompt_id)
            copy.write_row((version_id, position, split.value, *ids))


def say(session: Session, version_id: int, progress: str) -> None:
    """What is being done, for the page."""
    at_work = update(Version).where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
    session.execute(at_work.values(progress=progress))


def fail(session: Session, version_id: int, failure: str) -> None:
    """Write down why a version could not be published. It can be tried again under the same number."""
    at_work = update(Version).where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
    failed = at_work.values(status=VersionStatus.FAILED, failure=failure, progress="")
    ended = failed.returning(Version.created_by, Version.project_id, Version.number)
    if (version := session.execute(ended).one_or_none()) is not None:
        tell(
            session, version.created_by, "version_failed",
            project_id=version.project_id, subject="version", subject_id=version_id, number=version.number,
        )  # fmt: skip
