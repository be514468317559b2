"""Decisions, one a revision; the opinions, comments and known answers round them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import Base, Words, one_of
from app.writing.models import Revision


class Decision(StrEnum):
    """What a review says of a revision."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"


class Review(Base):
    """One person's decision on one revision, with ratings {rubric key: 1…5} and a note to the author. Append-only.

    `missed`: the heading of the revision's guidelines that a returned response misses; empty where none is named.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint(one_of("decision", Decision), name="decision"),
        UniqueConstraint("revision_id"),
        Index(None, "project_id", "id"),
        Index(None, "reviewer_id", "id"),
        Index(None, "submission_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[Decision] = mapped_column(Words(Decision))
    ratings: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    missed: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    reviewer: Mapped[User] = relationship(lazy="raise")
    revision: Mapped[Revision] = relationship(lazy="raise")


class ReviewSkip(Base):
    """A reviewer who left a submission to others: it is not offered to them again."""

    __tablename__ = "review_skips"
    __table_args__ = (Index(None, "reviewer_id", "created_at"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class HeldDecision(Base):
    """A decision that its reviewer can still take back: nothing has happened yet. Carried out at `settles_at`.

    `edited_messages` is the text of a reviewer who edits and approves.
    """

    __tablename__ = "held_decisions"
    __table_args__ = (
        CheckConstraint(one_of("decision", Decision), name="decision"),
        Index(None, "settles_at"),
        Index(None, "reviewer_id"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[Decision] = mapped_column(Words(Decision))
    ratings: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    missed: Mapped[str] = mapped_column(default="", server_default="")
    edited_messages: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settles_at: Mapped[datetime]


class Opinion(Base):
    """One of two reviewers' opinions, where a project asks for two; each is blind to the other. Append-only."""

    __tablename__ = "opinions"
    __table_args__ = (
        CheckConstraint(one_of("decision", Decision), name="decision"),
        UniqueConstraint("revision_id", "reviewer_id"),
        Index(None, "project_id", "id"),
        Index(None, "submission_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[Decision] = mapped_column(Words(Decision))
    ratings: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    missed: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    reviewer: Mapped[User] = relationship(lazy="raise")
    revision: Mapped[Revision] = relationship(lazy="raise")


class Part(StrEnum):
    """Which messages of a revision a comment speaks of."""

    PROMPT = "prompt"
    RESPONSE = "response"


class Comment(Base):
    """Something said about a passage of one revision: code points `starts_at` to `ends_at` of one turn's content.

    `quote` is the passage as it stood, by which it is found again in a later revision. An answer has a `parent_id` and
    its passage is the parent's.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(one_of("part", Part), name="part"),
        CheckConstraint("0 <= starts_at AND starts_at <= ends_at", name="passage"),
        CheckConstraint("body <> ''", name="body_not_empty"),
        Index(None, "submission_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    part: Mapped[Part] = mapped_column(Words(Part))
    turn: Mapped[int]
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    quote: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    author: Mapped[User] = relationship(lazy="raise", foreign_keys=[author_id])
    revision: Mapped[Revision] = relationship(lazy="raise")


class GoldItem(Base):
    """A decided submission whose decision an admin vouches for: reviewers meet it unmarked, as if it waited.

    `is_example`: it stands on the guidelines page instead, good or bad, and reviewers meet it no more.
    """

    __tablename__ = "gold_items"
    __table_args__ = (
        CheckConstraint(one_of("decision", Decision), name="decision"),
        CheckConstraint("NOT is_example OR retired_at IS NOT NULL", name="example"),
        Index("ix_gold_items_live", "project_id", "submission_id", postgresql_where=text("retired_at IS NULL")),
        Index("ix_gold_items_examples", "project_id", postgresql_where=text("is_example")),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    decision: Mapped[Decision] = mapped_column(Words(Decision))
    note: Mapped[str] = mapped_column(default="")
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
    is_example: Mapped[bool] = mapped_column(default=False, server_default=false())


class GoldAnswer(Base):
    """A reviewer was offered a gold item, and what they decided: compared with what is known, never carried out."""

    __tablename__ = "gold_answers"
    __table_args__ = (CheckConstraint(one_of("decision", Decision), name="decision"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("gold_items.submission_id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    decision: Mapped[Decision | None] = mapped_column(Words(Decision))
    ratings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    missed: Mapped[str] = mapped_column(default="", server_default="")
    edited_messages: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    offered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[datetime | None]


class Phrase(Base):
    """A reviewer's own short text for notes, seen by nobody else."""

    __tablename__ = "phrases"
    __table_args__ = (CheckConstraint("text <> ''", name="text_not_empty"), Index(None, "user_id", "id"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
