"""A collection effort: its settings, categories and versioned guidelines."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class Project(Base):
    """One effort with its rules. Limits are in code points; a lease in minutes."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_not_empty"),
        CheckConstraint("responses_per_prompt BETWEEN 1 AND 20", name="responses_per_prompt"),
        CheckConstraint("lease_minutes BETWEEN 1 AND 10080", name="lease_minutes"),
        CheckConstraint("min_characters BETWEEN 0 AND max_characters", name="characters"),
        CheckConstraint("max_characters <= 100000", name="max_characters"),
        CheckConstraint("target >= 0", name="target"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    licence: Mapped[str] = mapped_column(default="")
    target: Mapped[int] = mapped_column(default=0)
    responses_per_prompt: Mapped[int] = mapped_column(default=1)
    lease_minutes: Mapped[int] = mapped_column(default=60)
    min_characters: Mapped[int] = mapped_column(default=1)
    max_characters: Mapped[int] = mapped_column(default=20_000)
    show_reviewer_names: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    archived_at: Mapped[datetime | None]


class Category(Base):
    """A kind of prompt, with the number of approved responses that is wanted of it."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("project_id", "name"), CheckConstraint("target >= 0", name="target"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    target: Mapped[int] = mapped_column(default=0)


class Guidelines(Base):
    """One version of the guidelines and the rubric that belongs to it. Append-only.

    `rubric` is a list of {key, name, description}; each is rated 1 to 5.
    """

    __tablename__ = "guidelines"
    __table_args__ = (UniqueConstraint("project_id", "version"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version: Mapped[int]
    text: Mapped[str]
    rubric: Mapped[list[dict[str, Any]]]
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
