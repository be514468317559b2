"""Decisions: one a revision, append-only."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func
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
    """One person's decision on one revision, with ratings {rubric key: 1…5} and a note to the author. Append-only."""

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
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    reviewer: Mapped[User] = relationship(lazy="raise")
    revision: Mapped[Revision] = relationship(lazy="raise")


class ReviewSkip(Base):
    """A reviewer who left a submission to others: it is not offered to them again."""

    __tablename__ = "review_skips"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
