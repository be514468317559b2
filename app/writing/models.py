"""What people write: assignments with their drafts, submissions with their revisions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import Base, Words, one_of
from app.core.leases import Leased
from app.projects.models import Category, Guidelines, Project
from app.prompts.models import Prompt


class AssignmentStatus(StrEnum):
    """What became of one person's work on one prompt."""

    DRAFTING = "drafting"
    HANDED_IN = "handed_in"
    SKIPPED = "skipped"


class SkipKind(StrEnum):
    """Why a writer leaves a prompt to others."""

    NOT_MY_FIELD = "not_my_field"
    TOO_LONG = "too_long"
    UNCLEAR = "unclear"
    OTHER = "other"


class SubmissionStatus(StrEnum):
    """submitted → approved | changes_requested → submitted … | rejected, or withdrawn by its author."""

    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Assignment(Base):
    """One person at work on one prompt. A pair has no prompt until it is handed in.

    `slot_id` is the slot that was leased for it; the slot's lease columns say whether it is still held.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(one_of("status", AssignmentStatus), name="status"),
        CheckConstraint("is_pair OR prompt_id IS NOT NULL", name="prompt"),
        CheckConstraint(one_of("skip_kind", SkipKind), name="skip_kind"),
        Index(
            "uq_assignments_one_a_person",
            "prompt_id",
            "writer_id",
            unique=True,
            postgresql_where=text("prompt_id IS NOT NULL"),
        ),
        Index("ix_assignments_drafting", "writer_id", "id", postgresql_where=text("status = 'drafting'")),
        Index(None, "project_id", "writer_id", "id"),
        Index("ix_assignments_skipped", "project_id", "id", postgresql_where=text("status = 'skipped'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    writer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompts.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slots.id"), index=True)
    is_pair: Mapped[bool] = mapped_column(default=False)
    status: Mapped[AssignmentStatus] = mapped_column(Words(AssignmentStatus), default=AssignmentStatus.DRAFTING)
    skip_kind: Mapped[SkipKind | None] = mapped_column(Words(SkipKind))
    skip_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    project: Mapped[Project] = relationship(lazy="raise")
    prompt: Mapped[Prompt | None] = relationship(lazy="raise")
    draft: Mapped["Draft"] = relationship(lazy="raise", back_populates="assignment")

    @property
    def lost_its_prompt(self) -> bool:
        """Whether the prompt was taken from its writer, who has not left it: whoever leaves one says why."""
        return self.status is AssignmentStatus.SKIPPED and self.skip_kind is None and not self.skip_reason


class Draft(Base):
    """The working copy. `revision` counts saves: a save names the one it was based on (optimistic locking).

    `prompt_messages` is what a pair's writer asks; `messages` are the turns of the response, an assistant's first.
    `caret` is where the writer was, in code points of the last turn. `provenance` are counts, never what was typed:
    {keystrokes, pastes, pasted_characters, active_seconds, revisions}, kept only where the project says so.
    """

    __tablename__ = "drafts"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    prompt_messages: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    messages: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(default=0)
    caret: Mapped[int | None]
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())

    assignment: Mapped[Assignment] = relationship(lazy="raise", back_populates="draft")


class Submission(Leased, Base):
    """What was handed in. Reviewers lease it; `current_revision` is the number of the newest revision.

    `disputed_at`: when two opinions on the newest revision differed, so that a third person settles it.
    `from_newcomer`: its author had few approved responses when it was handed in. `never_for` and `judged_by` (they gave
    an opinion on the newest revision): people who need not be offered it (`core/passing.py`). `imported_by`: who took
    it in as the response of a finished pair. That has no author and no assignment, comes in approved and was reviewed
    by nobody here; its source and its licence are those of its prompt (decision 0018).
    """

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint(one_of("status", SubmissionStatus), name="status"),
        CheckConstraint(
            "(author_id IS NULL) = (imported_by IS NOT NULL) AND (author_id IS NULL) = (assignment_id IS NULL) "
            "AND (imported_by IS NULL OR status IN ('approved', 'withdrawn'))",
            name="imported",
        ),
        UniqueConstraint("assignment_id"),
        Index(
            "ix_submissions_waiting", "project_id", "submitted_at", "id", postgresql_where=text("status = 'submitted'")
        ),
        Index(
            "ix_submissions_waiting_by_category",
            "project_id",
            "category_id",
            "submitted_at",
            "id",
            postgresql_where=text("status = 'submitted'"),
        ),
        Index(
            "ix_submissions_waiting_newcomers",
            "project_id",
            "submitted_at",
            "id",
            postgresql_where=text("status = 'submitted' AND from_newcomer"),
        ),
        Index(
            "ix_submissions_waiting_by_writer",
            "author_id",
            "project_id",
            "submitted_at",
            "id",
            postgresql_where=text("status = 'submitted'"),
        ),
        Index(
            "ix_submissions_waiting_by_kind",
            "project_id",
            text("coalesce(category_id, 0)"),
            "from_newcomer",
            "never_for",
            "judged_by",
            "submitted_at",
            "id",
            postgresql_where=text("status = 'submitted'"),
        ),
        Index(
            "ix_submissions_disputed",
            "project_id",
            postgresql_where=text("status = 'submitted' AND disputed_at IS NOT NULL"),
        ),
        Index("ix_submissions_held", "lease_holder_id", postgresql_where=text("lease_holder_id IS NOT NULL")),
        Index("ix_submissions_approved", "project_id", "id", postgresql_where=text("status = 'approved'")),
        Index(
            "ix_submissions_approved_here",
            "project_id",
            "id",
            postgresql_where=text("status = 'approved' AND imported_by IS NULL"),
        ),
        Index("ix_submissions_withdrawn", "project_id", "id", postgresql_where=text("status = 'withdrawn'")),
        Index("ix_submissions_to_mend", "author_id", postgresql_where=text("status = 'changes_requested'")),
        Index(None, "author_id", "id"),
        Index(None, "project_id", "id"),
        Index(None, "prompt_id"),
        CheckConstraint("(lease_holder_id IS NULL) = (lease_expires_at IS NULL)", name="lease"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    status: Mapped[SubmissionStatus] = mapped_column(Words(SubmissionStatus), default=SubmissionStatus.SUBMITTED)
    current_revision: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    from_newcomer: Mapped[bool] = mapped_column(default=False)
    never_for: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    judged_by: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    author: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[author_id])
    prompt: Mapped[Prompt] = relationship(lazy="raise")
    category: Mapped[Category | None] = relationship(lazy="raise")
    revisions: Mapped[list["Revision"]] = relationship(
        lazy="raise", back_populates="submission", order_by="Revision.number"
    )


class Withdrawal(Base):
    """An administrator withdrew a response for the member who wrote it, for this reason."""

    __tablename__ = "withdrawals"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True, autoincrement=False)
    withdrawn_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Revision(Base):
    """One hand-in, immutable: what was asked and what was answered, under which guidelines. Append-only.

    `draft_revision` is the draft's counter at hand-in: handing the same draft in twice gives the same revision.
    `author_id` is who wrote this revision: the submission's author, or a reviewer who edited and approved it; nobody
    here for an imported pair, whose guidelines are those that it came in under and was not written under.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index("ix_revisions_search", "search", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    prompt_messages: Mapped[list[dict[str, Any]]]
    messages: Mapped[list[dict[str, Any]]]
    guidelines_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    draft_revision: Mapped[int]
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', written_text(messages))", persisted=True), deferred=True
    )

    author: Mapped[User | None] = relationship(lazy="raise")
    submission: Mapped[Submission] = relationship(lazy="raise", back_populates="revisions")
    guidelines: Mapped[Guidelines] = relationship(lazy="raise")
