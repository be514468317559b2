"""People, their sessions, one-time links, tokens and roles: what is stored."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Text

from app.core.database import Base, Words, one_of


class Role(StrEnum):
    """What a member does in a project. Each may also do what the ones before may."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    ADMIN = "admin"


# What a token may be good for. No scope reads drafts, makes tokens or changes people.
SCOPES = {
    "projects:read": "Read projects, categories and guidelines",
    "prompts:read": "Read prompts",
    "prompts:write": "Propose prompts",
    "submissions:read": "Read what was handed in",
    "reviews:read": "Read decisions",
    "datasets:read": "Read and download dataset versions",
    "datasets:publish": "Make datasets and publish their versions",
    "runs:read": "Read training runs, reports and models",
    "runs:write": "Start and stop training runs",
    "audit:read": "Read who did what in projects that you administer",
}


class LinkPurpose(StrEnum):
    """What a one-time link is good for, and for nothing else."""

    FIRST_ADMIN = "first_admin"
    INVITE = "invite"
    RESET = "reset"


class MailChoice(StrEnum):
    """When somebody is mailed of what waits for them."""

    NEVER = "never"
    AT_ONCE = "at_once"
    DAILY = "daily"


class User(Base):
    """A person. Without a password hash: invited, not yet joined. `email_key` is how addresses are compared."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email_key"),
        CheckConstraint("name <> ''", name="name_not_empty"),
        CheckConstraint(one_of("mail_notices", MailChoice), name="mail_notices"),
        Index("ix_users_mailed", "id", postgresql_where=text("mail_notices <> 'never'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    mail_notices: Mapped[MailChoice] = mapped_column(Words(MailChoice), default=MailChoice.NEVER)


class Erasure(Base):
    """That somebody is to be erased. `finished_at`: texts, files and models are gone. Nobody asked: a command did."""

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_unfinished", "user_id", postgresql_where=text("finished_at IS NULL")),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    progress: Mapped[str] = mapped_column(server_default="")
    finished_at: Mapped[datetime | None]


class SignIn(Base):
    """One session: a browser in which somebody is signed in. Only the hash of its cookie is here.

    `renew_id`: the person has another role since, so the next page that is opened brings another cookie.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    password_at: Mapped[datetime] = mapped_column(server_default=func.now())
    renew_id: Mapped[bool] = mapped_column(server_default=false())
    address: Mapped[str | None]
    browser: Mapped[str | None]


class OneTimeLink(Base):
    """An invitation, a reset, or the door of the first administrator. Spent by POST, once."""

    __tablename__ = "one_time_links"
    __table_args__ = (CheckConstraint(one_of("purpose", LinkPurpose), name="purpose"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(Words(LinkPurpose))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A key for programs. Shown once; here are its hash and a prefix to find leaks by."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Membership(Base):
    """A person's role in a project, and the pseudonym under which their texts are published.

    `qualified_at`: when enough of a new annotator's calibration responses were approved, where the project asks for it.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        UniqueConstraint("project_id", "pseudonym"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(Words(Role))
    pseudonym: Mapped[str]
    joined_at: Mapped[datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[datetime | None]
    qualified_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class Notice(Base):
    """Something that a person should hear of: what happened to which subject; `details` hold no written text.

    While it is unread the same again makes no second row: `times` counts, and `created_at` is when it last happened.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index(None, "user_id", "created_at"),
        Index(
            "ix_notices_unread",
            "user_id",
            "kind",
            "subject",
            "subject_id",
            unique=True,
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    times: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class Attempt(Base):
    """Failed tries to sign in, counted by account and network, or by network alone, in windows of 15 minutes."""

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "window_start"),)

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    count: Mapped[int]
