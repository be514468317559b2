"""Prompts and the slots in which responses to them are wanted."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import Base, Words, one_of
from app.core.leases import Leased
from app.projects.models import Category


class PromptStatus(StrEnum):
    """proposed → approved → complete, or rejected."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    COMPLETE = "complete"
    REJECTED = "rejected"


class Prompt(Base):
    """What the model is asked: `messages` of {role, content} that end with a user turn.

    `external_id` is the importer's own name for the row and unique in a project; `imported_response` keeps the answer
    that stood beside an imported prompt. `from_pair` marks a prompt that its writer handed in together with a response
    and on which one review decides with it.
    """

    __tablename__ = "prompts"
    __table_args__ = (
        CheckConstraint(one_of("status", PromptStatus), name="status"),
        CheckConstraint("jsonb_typeof(messages) = 'array' AND jsonb_array_length(messages) > 0", name="messages"),
        UniqueConstraint("project_id", "external_id"),
        Index(None, "project_id", "status", "id"),
        Index(None, "project_id", "category_id", "id"),
        Index(None, "project_id", "language", "id"),
        Index("ix_prompts_pairs", "category_id", postgresql_where=text("from_pair AND status <> 'rejected'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    messages: Mapped[list[dict[str, Any]]]
    imported_response: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    language: Mapped[str]
    licence: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    external_id: Mapped[str | None]
    from_pair: Mapped[bool] = mapped_column(default=False)
    status: Mapped[PromptStatus] = mapped_column(Words(PromptStatus), default=PromptStatus.PROPOSED)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    author: Mapped[User] = relationship(lazy="raise", foreign_keys=[author_id])
    category: Mapped[Category | None] = relationship(lazy="raise")


class Slot(Leased, Base):
    """One response that is wanted for an approved prompt. Writers lease it; a submission fills it.

    Open: `filled_at` is null. Rejecting or withdrawing a submission opens it again. Project and category are the
    prompt's, kept here so that the next task is one walk along one index.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("prompt_id", "number"),
        Index("ix_slots_open", "project_id", "id", postgresql_where=text("filled_at IS NULL")),
        Index(
            "ix_slots_open_by_category",
            "project_id",
            "category_id",
            "id",
            postgresql_where=text("filled_at IS NULL"),
        ),
        Index("ix_slots_filled", "category_id", postgresql_where=text("filled_at IS NOT NULL")),
        Index(
            "uq_slots_one_lease_a_person",
            "prompt_id",
            "lease_holder_id",
            unique=True,
            postgresql_where=text("filled_at IS NULL AND lease_holder_id IS NOT NULL"),
        ),
        CheckConstraint("(lease_holder_id IS NULL) = (lease_expires_at IS NULL)", name="lease"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    number: Mapped[int]
    filled_at: Mapped[datetime | None]
