"""Runs: one fine-tuning each, the events that its worker told, and the report that it left."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Words, one_of
from app.datasets.models import Version


class RunStatus(StrEnum):
    """queued → running → done, or failed, or stopping → stopped."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


MADE_FROM = ("begins_from_run_id", "reward_run_id", "second_reward_run_id")


class Run(Base):
    """One fine-tuning on one version. `plan` is the JSON of plan.json; `folder` the name of its RUN_DIR.

    `begins_from_run_id`: whose model it goes on from; null for the base model. `reward_run_id`: the reward model that
    led a policy; `second_reward_run_id`: another one, by which the policy was only measured.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(one_of("status", RunStatus), name="status"),
        UniqueConstraint("project_id", "number"),
        Index(None, "version_id"),
        *(Index(f"ix_runs_{one}", one, postgresql_where=text(f"{one} IS NOT NULL")) for one in MADE_FROM),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    number: Mapped[int]
    base_model: Mapped[str]
    begins_from_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    reward_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    second_reward_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    plan: Mapped[dict[str, Any]]
    status: Mapped[RunStatus] = mapped_column(Words(RunStatus), default=RunStatus.QUEUED)
    folder: Mapped[str] = mapped_column(unique=True)
    failure: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    version: Mapped[Version] = relationship(lazy="raise")

    @property
    def method(self) -> str:
        """How it learns: sft, reward, dpo, rloo or grpo."""
        return str(self.plan.get("method", "sft"))

    @property
    def reference_run_id(self) -> int | None:
        """Whose model its report calls before: of a policy that of the run that it went on from. None for the base
        model, against which a fine-tuning is held also where it went on from another."""
        return None if self.method == "sft" else self.begins_from_run_id


class RunEvent(Base):
    """One line of a run's events.jsonl. Append-only."""

    __tablename__ = "run_events"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Report(Base):
    """The report.json of a finished run: what it measured before and after. Append-only."""

    __tablename__ = "reports"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
