"""Datasets, their frozen versions with every row, and the split that a prompt keeps for ever."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Words, one_of


class VersionStatus(StrEnum):
    """queued → running → published, or failed."""

    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"


class Split(StrEnum):
    """Where a row goes. Once test, always test."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Dataset(Base):
    """A named selection rule of a project. `rule` is the JSON form of `rules.Rule`."""

    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    rule: Mapped[dict[str, Any]]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Version(Base):
    """One numbered result of a dataset's rule. Once published, nothing of it changes.

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
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content_hash: Mapped[str | None]
    progress: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]

    dataset: Mapped[Dataset] = relationship(lazy="raise")


class VersionRow(Base):
    """One row of a version: which revision, in which split, at which place. Append-only."""

    __tablename__ = "version_rows"
    __table_args__ = (
        CheckConstraint(one_of("split", Split), name="split"),
        Index(None, "submission_id"),
        Index(None, "version_id", "split", "position"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    split: Mapped[Split] = mapped_column(Words(Split))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))


class PromptSplit(Base):
    """The split of a prompt, kept from version to version of every dataset of its project.

    `cluster` is the smallest prompt id among its near duplicates when the split was last settled.
    """

    __tablename__ = "prompt_splits"
    __table_args__ = (CheckConstraint(one_of("split", Split), name="split"), Index(None, "project_id", "cluster"))

    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    cluster: Mapped[int]
    split: Mapped[Split] = mapped_column(Words(Split))
    settled_in: Mapped[int] = mapped_column(ForeignKey("versions.id"))
