"""A collection effort: its settings, categories and versioned guidelines."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.database import Base, Words, one_of
from app.core.seen import mark_of

CHANGEABLE = (
    "name", "description", "language", "licence", "target", "responses_per_prompt", "lease_minutes",
    "min_characters", "max_characters", "show_reviewer_names", "reviews_per_response", "review_order", "gold_every",
    "qualification", "allow_system", "keeps_provenance", "shows_examples", "blocking_hints", "consent_text",
    "follows_advice", "follows_need", "responses_per_writer",
)  # fmt: skip


class ReviewOrder(StrEnum):
    """Which submission a reviewer is given first."""

    OLDEST = "oldest"
    FURTHEST = "furthest"
    NEWCOMERS = "newcomers"


class HintName(StrEnum):
    """What the writer's page looks for in a text. Each informs; a project may name those that must be met first."""

    LENGTH = "length"
    NEAR = "near"
    FENCE = "fence"
    LANGUAGE = "language"
    PERSONAL = "personal"
    PHRASES = "phrases"


class Project(Base):
    """One effort with its rules. Limits are in code points; a lease in minutes.

    `reviews_per_response`: 1, or 2 opinions blind to each other. `qualification`: how many responses of a new annotator
    are reviewed before the queue opens to them. `gold_every`: one in so many submissions that a reviewer meets is one
    with a known decision; 0 for none. `blocking_hints`: the checks that a response must pass to be handed in.
    `keeps_provenance`: counts of keystrokes and pastes are kept, and the writer is told so. `follows_advice`: writers
    are given open prompts in the order that the newest run advises, and the oldest of the others after them.
    `follows_need`: before those, prompts of the category that lacks most approved responses. `responses_per_writer`:
    how many one person may write at most; 0 for any number.
    """

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_not_empty"),
        CheckConstraint("responses_per_prompt BETWEEN 1 AND 20", name="responses_per_prompt"),
        CheckConstraint("lease_minutes BETWEEN 1 AND 10080", name="lease_minutes"),
        CheckConstraint("min_characters BETWEEN 0 AND max_characters", name="characters"),
        CheckConstraint("max_characters <= 100000", name="max_characters"),
        CheckConstraint("target >= 0", name="target"),
        CheckConstraint("reviews_per_response BETWEEN 1 AND 2", name="reviews_per_response"),
        CheckConstraint("responses_per_writer >= 0", name="responses_per_writer"),
        CheckConstraint("qualification BETWEEN 0 AND 20", name="qualification"),
        CheckConstraint("gold_every = 0 OR gold_every BETWEEN 2 AND 1000", name="gold_every"),
        CheckConstraint(one_of("review_order", ReviewOrder), name="review_order"),
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
    reviews_per_response: Mapped[int] = mapped_column(default=1)
    review_order: Mapped[ReviewOrder] = mapped_column(Words(ReviewOrder), default=ReviewOrder.OLDEST)
    gold_every: Mapped[int] = mapped_column(default=0)
    qualification: Mapped[int] = mapped_column(default=0)
    allow_system: Mapped[bool] = mapped_column(default=False)
    keeps_provenance: Mapped[bool] = mapped_column(default=False)
    shows_examples: Mapped[bool] = mapped_column(default=False)
    follows_advice: Mapped[bool] = mapped_column(default=False, server_default=false())
    follows_need: Mapped[bool] = mapped_column(default=False, server_default=false())
    responses_per_writer: Mapped[int] = mapped_column(default=0, server_default="0")
    blocking_hints: Mapped[list[HintName]] = mapped_column(ARRAY(Words(HintName)), default=list)
    consent_text: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    archived_at: Mapped[datetime | None]

    @property
    def mark(self) -> str:
        """What names these settings, for whoever changes them without looking away."""
        return mark_of(*(getattr(self, name) for name in CHANGEABLE))


class Category(Base):
    """A kind of prompt, with the number of approved responses that is wanted of it, and how many there are."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("project_id", "name"), CheckConstraint("target >= 0", name="target"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    target: Mapped[int] = mapped_column(default=0)
    approved: Mapped[int] = mapped_column(default=0)

    @property
    def mark(self) -> str:
        """What names what is said of it, whatever was approved since."""
        return mark_of(self.name, self.description, self.target)


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


class Acknowledgement(Base):
    """Somebody has read this version of the guidelines. Append-only."""

    __tablename__ = "acknowledgements"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    guidelines_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Consent(Base):
    """A contributor accepted this text and this licence for what they write in a project. Append-only."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "project_id", "user_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    licence: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ConsentTakenBack(Base):
    """A contributor takes a consent back, and all that they accepted before it; then all that holds a text of theirs.

    `asked_by`: they themselves, or an administrator for them, with a `reason`. `withdrawn`: how many responses were so
    far. `finished_at`: when nothing was left to withdraw.
    """

    __tablename__ = "consents_taken_back"
    __table_args__ = (
        Index(None, "project_id", "user_id", "consent_id"),
        Index("ix_consents_taken_back_unfinished", "project_id", postgresql_where=text("finished_at IS NULL")),
    )

    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"), primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(default="")
    withdrawn: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class WordingState(StrEnum):
    """What became of a proposed wording."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"


class Wording(Base):
    """A reviewer's proposal how one part of the guidelines should read: `heading` names the part of that version.

    `text` is the whole part, with its heading; `reason` says what led to it.
    """

    __tablename__ = "wordings"
    __table_args__ = (
        CheckConstraint(one_of("state", WordingState), name="state"),
        CheckConstraint("text <> ''", name="text_not_empty"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index(None, "project_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    guidelines_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    heading: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[WordingState] = mapped_column(Words(WordingState), default=WordingState.OPEN)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    author: Mapped[User] = relationship(lazy="raise", foreign_keys=[author_id])
    guidelines: Mapped[Guidelines] = relationship(lazy="raise")
