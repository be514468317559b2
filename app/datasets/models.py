"""Datasets, their frozen versions with every row, the split that a prompt keeps for ever; what is made of a version."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import Base, Words, one_of


class VersionStatus(StrEnum):
    """queued → running → published, or failed."""

    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"


AT_WORK = (VersionStatus.QUEUED, VersionStatus.RUNNING)


class Split(StrEnum):
    """Where a row goes. Once test, always test."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class HeldOut(StrEnum):
    """Whom a model never learns from, so that a test can ask for something unfamiliar: people, or kinds of prompt."""

    WRITERS = "writers"
    CATEGORIES = "categories"


class Part(StrEnum):
    """The file in which a row lies. Rows of the test split lie in three, by how unfamiliar they are."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    TEST_WRITERS = "test_writers"
    TEST_CATEGORIES = "test_categories"

    @classmethod
    def of(cls, split: Split, held_out: HeldOut | None) -> "Part":
        """The file of a row of this split."""
        return cls(f"{split}_{held_out}" if held_out else split.value)

    @property
    def in_split(self) -> Split:
        """The split that it is a part of."""
        return Split(self.value.partition("_")[0])

    @property
    def held_out(self) -> HeldOut | None:
        """Why its rows are unfamiliar; None for the three plain files."""
        why = self.value.partition("_")[2]
        return HeldOut(why) if why else None

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.value}.jsonl"


class DatasetKind(StrEnum):
    """What a row is: an approved response with its prompt, or two responses of which people prefer one."""

    RESPONSES = "responses"
    PREFERENCES = "preferences"


class Dataset(Base):
    """A named selection rule of a project.

    `rule` is the JSON form of the rule of its kind (`rules.Rule` for responses), `preparation` that of
    `preparation.Preparation`.
    """

    __tablename__ = "datasets"
    __table_args__ = (CheckConstraint(one_of("kind", DatasetKind), name="kind"), UniqueConstraint("project_id", "name"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    kind: Mapped[DatasetKind] = mapped_column(
        Words(DatasetKind), default=DatasetKind.RESPONSES, server_default=text("'responses'")
    )
    rule: Mapped[dict[str, Any]]
    preparation: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    rule_number: Mapped[int] = mapped_column(default=1, server_default="1")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RuleRevision(Base):
    """A rule that a dataset has or had: number 1 from its making on, kept by a trigger. Append-only."""

    __tablename__ = "rule_revisions"

    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="", server_default="")
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    maker: Mapped[User] = relationship(lazy="raise")


class Version(Base):
    """One numbered result of a dataset's rule. Once published, nothing of it changes.

    `rule_number` says which of the dataset's rules made it; null where a process of before numbers began asked for it.
    `counts` is {"train": n, …}; `manifest` is the published manifest.json; `content_hash` its SHA-256.
    """

    __tablename__ = "versions"
    __table_args__ = (
        CheckConstraint(one_of("status", VersionStatus), name="status"),
        UniqueConstraint("dataset_id", "number"),
        Index(
            "uq_versions_one_at_work",
            "dataset_id",
            unique=True,
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    status: Mapped[VersionStatus] = mapped_column(Words(VersionStatus), default=VersionStatus.QUEUED)
    rule: Mapped[dict[str, Any]]
    preparation: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    rule_number: Mapped[int | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content_hash: Mapped[str | None]
    progress: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]

    dataset: Mapped[Dataset] = relationship(lazy="raise")

    @property
    def total(self) -> int:
        """Rows in all its files."""
        return sum(self.counts.values())

    @property
    def held_out(self) -> int:
        """Rows whose writers or kinds of prompt are only tested on, in files of their own."""
        return sum(count for name, count in self.counts.items() if Part(name).held_out)


class VersionRow(Base):
    """One row of a version: which revision, in which split, at which place. Append-only.

    `held_out` says why a test row lies in a file of its own.
    """

    __tablename__ = "version_rows"
    __table_args__ = (
        CheckConstraint(one_of("split", Split), name="split"),
        CheckConstraint(one_of("held_out", HeldOut), name="held_out"),
        Index(None, "submission_id"),
        Index(None, "version_id", "split", "position"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    split: Mapped[Split] = mapped_column(Words(Split))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    held_out: Mapped[HeldOut | None] = mapped_column(Words(HeldOut))

    @property
    def part(self) -> Part:
        """The file in which the row lies."""
        return Part.of(self.split, self.held_out)


class PromptSplit(Base):
    """The split of a prompt, kept from version to version of every dataset of its project.

    `cluster` is the smallest prompt id among its near duplicates when the split was last settled; `joined` is a digest
    of all that the cluster held then, None where a program did not know of it.
    """

    __tablename__ = "prompt_splits"
    __table_args__ = (CheckConstraint(one_of("split", Split), name="split"), Index(None, "project_id", "cluster"))

    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    cluster: Mapped[int]
    split: Mapped[Split] = mapped_column(Words(Split))
    settled_in: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    joined: Mapped[bytes | None] = mapped_column(LargeBinary)


class Benchmark(Base):
    """A file that every new version of a project is compared with, kept in storage; `removed_at` ends that."""

    __tablename__ = "benchmarks"
    __table_args__ = (
        Index("uq_benchmarks_in_use", "project_id", "name", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    licence: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
    removed_at: Mapped[datetime | None]


class RetiredVersion(Base):
    """A version that held texts of somebody who was erased: its files are gone. Written by `erase_person` alone."""

    __tablename__ = "retired_versions"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True, autoincrement=False)
    retired_at: Mapped[datetime] = mapped_column(server_default=func.now())


class KeptOut(Base):
    """A writer or a category that no model of the project learns from, once and for ever. Append-only.

    Every later version of every dataset of the project tests on their rows and trains on none of them.
    """

    __tablename__ = "kept_out"
    __table_args__ = (
        CheckConstraint(one_of("kind", HeldOut), name="kind"),
        CheckConstraint(
            "(kind = 'writers') = (user_id IS NOT NULL) AND (kind = 'categories') = (category_id IS NOT NULL)",
            name="subject",
        ),
        UniqueConstraint("project_id", "user_id"),
        UniqueConstraint("project_id", "category_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[HeldOut] = mapped_column(Words(HeldOut))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    settled_in: Mapped[int] = mapped_column(ForeignKey("versions.id"))


class WorkStatus(StrEnum):
    """What a job does for a published version: queued → done, or failed; what failed can be asked for again."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class VersionFormat(Base):
    """The rows of a version in another format, made when it is first asked for; once done, it never changes.

    `files` is {name: {bytes, sha256, rows}}; `left_out` counts by split the rows that the format cannot say.
    """

    __tablename__ = "version_formats"
    __table_args__ = (CheckConstraint(one_of("status", WorkStatus), name="status"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[WorkStatus] = mapped_column(Words(WorkStatus), default=WorkStatus.QUEUED)
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class HubPush(Base):
    """A version sent to a repository of a hub: `repository` is owner/name, `address` the commit that holds it."""

    __tablename__ = "hub_pushes"
    __table_args__ = (
        CheckConstraint(one_of("status", WorkStatus), name="status"),
        UniqueConstraint("version_id", "repository"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    repository: Mapped[str]
    is_private: Mapped[bool] = mapped_column(default=True)
    status: Mapped[WorkStatus] = mapped_column(Words(WorkStatus), default=WorkStatus.QUEUED)
    progress: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
