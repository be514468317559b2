"""Publishing a version: read once, keep the files, list it last. Killed anywhere and begun again, it ends alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Role
from app.accounts.notices import tell as tell_person
from app.accounts.notices import tell_all
from app.accounts.queries import members
from app.core.by_number import Many
from app.core.storage import Storage
from app.datasets.contamination.report import Report, check
from app.datasets.erased import holds_erased
from app.datasets.files import CARD, MANIFEST, REPORT, FileFact, keep
from app.datasets.kinds import Task
from app.datasets.models import Dataset, HeldOut, KeptOut, Part, PromptSplit, Split, Version, VersionStatus
from app.datasets.publish.facts import AnyRow, Chosen, Spool
from app.datasets.publish.gather import BATCH, Gathered, held_out_before, splits_before
from app.datasets.publish.manifest import canonical, content_hash
from app.datasets.publish.progress import Tell, counted
from app.datasets.registry import kind_of
from app.datasets.splits.held_out import Outside
from app.datasets.splits.joined import Joined, joined_of
from app.datasets.splits.placing import Placing, place
from app.datasets.splits.preparation import checked_preparation
from app.projects.models import Project
from app.projects.queries import hold_categories

SETTLED_AT_ONCE = 10_000
SETTLE = """
INSERT INTO prompt_splits AS old (prompt_id, project_id, cluster, split, settled_in, joined)
SELECT prompt_id, :project_id, cluster, split, :version_id, joined
FROM unnest(CAST(:prompts AS bigint[]), CAST(:clusters AS bigint[]), CAST(:splits AS text[]), CAST(:joined AS bytea[]))
    AS new (prompt_id, cluster, split, joined)
ON CONFLICT (prompt_id) DO UPDATE
    SET cluster = excluded.cluster, split = excluded.split, joined = excluded.joined,
        settled_in = CASE WHEN (old.cluster, old.split) = (excluded.cluster, excluded.split)
                          THEN old.settled_in ELSE excluded.settled_in END
    WHERE (old.cluster, old.split, old.joined) IS DISTINCT FROM (excluded.cluster, excluded.split, excluded.joined)
"""


class NothingToPublish(Exception):
    """The rule takes no row, so there is no version to make: what it takes rows of is said in the text."""


class NoLongerWanted(Exception):
    """Somebody cancelled the version, or another worker ended it, while this one was at it."""


class SplitsMoved(Exception):
    """Another version was listed, or a person was erased, while this one was made: begin again with what is so now."""


@dataclass(frozen=True)
class Made:
    """A version whose files are in storage and whose rows are not listed yet."""

    facts: Many[AnyRow]
    manifest: dict[str, Any]
    kept: Mapping[int, Split]
    outside: Outside
    placing: Placing[Any]

    @property
    def rows(self) -> Iterator[tuple[AnyRow, Part]]:
        """Each row with its file."""
        return ((fact, self.placing.part_of(fact)) for fact in self.facts)


def begin(session: Session, version_id: int) -> Task | None:
    """Take a queued version, or one whose worker died, into work. None when there is nothing left to do."""
    taken = (
        update(Version)
        .where(Version.id == version_id, Version.status.in_([VersionStatus.QUEUED, VersionStatus.RUNNING]))
        .values(status=VersionStatus.RUNNING, progress="Reading what the rule takes")
        .returning(Version.id)
    )
    if session.scalar(taken) is None:
        return None
    version = session.get_one(Version, version_id, options=[joinedload(Version.dataset)])
    project = session.scalars(select(Project.name).where(Project.id == version.project_id)).one()
    parent = session.scalar(select(Version.number).where(Version.id == version.parent_id))
    return Task(version, project, version.dataset.name, parent, joined_before(session, version.project_id))


def joined_before(session: Session, project_id: int) -> Mapping[int, Joined]:
    """By prompt the cluster that the last version found, with the digest of what was in it."""
    found = select(PromptSplit.prompt_id, PromptSplit.cluster, PromptSplit.joined)
    in_order = found.where(PromptSplit.project_id == project_id).order_by(PromptSplit.prompt_id)
    rows = session.execute(in_order.execution_options(yield_per=BATCH))
    return joined_of((prompt_id, cluster, digest) for prompt_id, cluster, digest in rows)


def make(task: Task, gathered: Gathered[Any], storage: Storage, tell: Tell) -> Made:
    """Split what was read and put the files into storage. Nothing is listed yet, and no transaction is open."""
    preparation = checked_preparation(task.version.preparation)
    taken = gathered.facts
    if gathered.benchmarks:
        tell(f"Comparing {len(taken):,} rows with benchmarks")
    report = check(gathered.spool, taken, gathered.benchmarks, storage, preparation.leave_out_overlap, tell)
    facts = Chosen(taken, report.keeps, True) if False in report.keeps else taken
    if not len(facts):
        raise NothingToPublish(kind_of(task.version).nothing)
    tell(f"Comparing the prompts of {len(facts):,} rows")
    salt = str(task.version.project_id)
    placing = place(gathered, facts, preparation, salt, task.joined, tell)
    tell(f"Writing {len(facts):,} rows")
    manifest = kind_of(task.version).describe(task, gathered, placing, report.summary)
    for fact in keep_files(storage, task.version, gathered.spool, placing.parts, manifest, report, tell):
        manifest["files"][fact.name] = {"bytes": fact.bytes, "sha256": fact.sha256}
    for part, held in placing.parts.items():
        manifest["files"][part.file]["rows"] = len(held)
    keep(storage, task.version.id, MANIFEST, lambda: [canonical(manifest)])
    return Made(facts, manifest, gathered.kept, gathered.outside, placing)


def keep_files(
    storage: Storage,
    version: Version,
    spool: Spool,
    rows: Mapping[Part, Many[AnyRow]],
    manifest: Mapping[str, Any],
    report: Report,
    tell: Tell,
) -> Iterator[FileFact]:
    """Store the data files, the report where there is something to report on, and the card."""
    for part, facts in rows.items():
        yield keep(storage, version.id, part.file, partial(told_lines, spool, facts, tell, part.file))
    if report.summary["benchmarks"]:
        yield keep(storage, version.id, REPORT, lambda: [report.content])
    words = kind_of(version).card(manifest).encode()
    yield keep(storage, version.id, CARD, lambda: [words])


def told_lines(spool: Spool, facts: Many[AnyRow], tell: Tell, name: str) -> Iterator[bytes]:
    """The lines of a file, with word of how far it is."""
    return counted(spool.lines(facts), tell, f"Writing {name}: {{done}} of {{of}} rows", len(facts))


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
        of_it = select(Dataset).join(Version, Version.dataset_id == Dataset.id).where(Version.id == version_id)
        kind_of(session.scalars(of_it).one()).list_rows(session, version_id, made.rows)
        if holds_erased(session, version_id):
            raise SplitsMoved
        tell_all(
            session, members(version.project_id, Role.REVIEWER, Role.ADMIN), "version_published",
            project_id=version.project_id, subject="version", subject_id=version_id, number=version.number,
        )  # fmt: skip


def keep_splits(session: Session, version_id: int, project_id: int, made: Made) -> None:
    """Remember each prompt's split, and what is held out, for every later version of the project, one at a time."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    if splits_before(session, project_id) != made.kept or held_out_before(session, project_id) != made.outside:
        raise SplitsMoved
    placing, newly = made.placing, made.placing.newly
    prompts = iter(placing.split_of)
    while batch := list(islice(prompts, SETTLED_AT_ONCE)):
        clusters = [placing.cluster_of[prompt_id] for prompt_id in batch]
        session.execute(
            text(SETTLE),
            {
                "prompts": batch,
                "splits": [placing.split_of[prompt_id].value for prompt_id in batch],
                "clusters": clusters,
                "joined": [placing.joined[cluster] for cluster in clusters],
                "project_id": project_id,
                "version_id": version_id,
            },
        )
    of_it = {"project_id": project_id, "settled_in": version_id}
    session.add_all(KeptOut(kind=HeldOut.WRITERS, user_id=one, **of_it) for one in sorted(newly.writers))
    there = newly.categories & {one.id for one in hold_categories(session, project_id)}  # an unused one may be removed
    session.add_all(KeptOut(kind=HeldOut.CATEGORIES, category_id=one, **of_it) for one in sorted(there))
    session.flush()


def say(session: Session, version_id: int, progress: str) -> None:
    """What is being done, for the page. NoLongerWanted where the version was cancelled meanwhile."""
    at_work = update(Version).where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
    if session.scalar(at_work.values(progress=progress).returning(Version.id)) is None:
        raise NoLongerWanted


def fail(session: Session, version_id: int, failure: str) -> None:
    """Write down why a version could not be published. It can be tried again under the same number."""
    at_work = update(Version).where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
    failed = at_work.values(status=VersionStatus.FAILED, failure=failure, progress="")
    ended = failed.returning(Version.created_by, Version.project_id, Version.number)
    if (version := session.execute(ended).one_or_none()) is not None:
        tell_person(
            session, version.created_by, "version_failed",
            project_id=version.project_id, subject="version", subject_id=version_id, number=version.number,
        )  # fmt: skip
