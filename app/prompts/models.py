"""Prompts and the slots in which responses to them are wanted."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Identity, Index, Text, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import BigInteger

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


class ReportReason(StrEnum):
    """What is wrong with a prompt, in the words of who reports it."""

    UNCLEAR = "unclear"
    UNANSWERABLE = "unanswerable"
    DUPLICATE = "duplicate"
    PERSONAL = "personal"
    HARMFUL = "harmful"
    OTHER = "other"


class Compared(StrEnum):
    """Which text a fingerprint is of."""

    PROMPT = "prompt"
    RESPONSE = "response"


class Prompt(Base):
    """What the model is asked: `messages` of {role, content} that end with a user turn.

    `tags` are names that a project gives to prompts, by which lists and datasets select.
    `external_id` is the importer's own name for the row and unique in a project. `imported`: it came in from a file,
    so whoever stands as its author proposed it and wrote none of it; `imported_response` keeps the answer that stood
    beside it. `from_pair` marks a prompt that its writer handed in together with a response and on which one review
    decides with it, or one of a finished pair that was imported: that has no author.
    """

    __tablename__ = "prompts"
    __table_args__ = (
        CheckConstraint(one_of("status", PromptStatus), name="status"),
        CheckConstraint("jsonb_typeof(messages) = 'array' AND jsonb_array_length(messages) > 0", name="messages"),
        CheckConstraint("author_id IS NOT NULL OR (from_pair AND source <> '' AND licence <> '')", name="author"),
        UniqueConstraint("project_id", "external_id"),
        Index(None, "project_id", "id"),
        Index(None, "project_id", "status", "id"),
        Index(None, "project_id", "category_id", "id"),
        Index(None, "project_id", "language", "id"),
        Index("ix_prompts_tags", "tags", postgresql_using="gin"),
        Index("ix_prompts_search", "search", postgresql_using="gin"),
        Index(
            "ix_prompts_pairs",
            "category_id",
            postgresql_where=text("from_pair AND status <> 'rejected' AND author_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    messages: Mapped[list[dict[str, Any]]]
    imported_response: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    language: Mapped[str]
    licence: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    external_id: Mapped[str | None]
    imported: Mapped[bool] = mapped_column(default=False, server_default=false())
    from_pair: Mapped[bool] = mapped_column(default=False)
    status: Mapped[PromptStatus] = mapped_column(Words(PromptStatus), default=PromptStatus.PROPOSED)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', written_text(messages))", persisted=True), deferred=True
    )

    author: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[author_id])
    category: Mapped[Category | None] = relationship(lazy="raise")


class Slot(Leased, Base):
    """One response that is wanted for an approved prompt. Writers lease it; a submission fills it.

    Open: `filled_at` is null. Rejecting or withdrawing a submission opens it again. Project and category are the
    prompt's, kept here so that the next task is one walk along one index. `never_for`: people who need not be offered
    it, since they proposed, answered or left its prompt (`core/passing.py`).
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
        Index(
            "ix_slots_open_by_kind",
            "project_id",
            text("coalesce(category_id, 0)"),
            "never_for",
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
    never_for: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")

    prompt: Mapped[Prompt] = relationship(lazy="raise")


class PromptTurn(Base):
    """An open prompt's place in the order in which writers are given prompts first, where their project follows it."""

    __tablename__ = "prompt_turns"
    __table_args__ = (UniqueConstraint("prompt_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))


class PromptReport(Base):
    """Somebody who should write says that the prompt is bad. Open until its proposer or an admin has dealt with it."""

    __tablename__ = "prompt_reports"
    __table_args__ = (
        CheckConstraint(one_of("reason", ReportReason), name="reason"),
        UniqueConstraint("prompt_id", "reporter_id"),
        Index("ix_prompt_reports_open", "project_id", "id", postgresql_where=text("settled_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[ReportReason] = mapped_column(Words(ReportReason))
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    prompt: Mapped[Prompt] = relationship(lazy="raise")
    reporter: Mapped[User] = relationship(lazy="raise", foreign_keys=[reporter_id])


class PromptQuestion(Base):
    """What somebody asks of a prompt or its guidelines; with `parent_id` what is said to that. One thread a prompt.

    A question is open until somebody who decides here, and did not ask it, has answered; asked on, it is open again.
    """

    __tablename__ = "prompt_questions"
    __table_args__ = (
        CheckConstraint("body <> ''", name="body_not_empty"),
        CheckConstraint("parent_id IS NULL OR answered_at IS NULL", name="answered"),
        Index(None, "prompt_id", "id"),
        Index(
            "ix_prompt_questions_open",
            "project_id",
            "id",
            postgresql_where=text("parent_id IS NULL AND answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_questions.id"))
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[datetime | None]

    prompt: Mapped[Prompt] = relationship(lazy="raise")


class Fingerprint(Base):
    """What a text is found by when another is very like it: `keys` hold the project, so that no other is met."""

    __tablename__ = "fingerprints"
    __table_args__ = (
        CheckConstraint(one_of("kind", Compared), name="kind"),
        Index(None, "keys", postgresql_using="gin"),
    )

    kind: Mapped[Compared] = mapped_column(Words(Compared), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    size: Mapped[int]
