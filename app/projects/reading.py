"""Has somebody read the guidelines as they are now? Said once for each version, by whoever has read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.audit import record
from app.projects.models import Acknowledgement, Guidelines
from app.projects.queries import current_guidelines, get_guidelines_for, list_members


@dataclass(frozen=True)
class Unread:
    """The newest version, which somebody has yet to read, and the newest of those that they read; None for none."""

    version: int
    since: int | None


@dataclass(frozen=True)
class ReadVersion:
    """A version that somebody read, and when they said so."""

    version: int
    read_at: datetime


@dataclass(frozen=True)
class Reader:
    """A member, and what they read, the newest version first. `wrote_newest`: they need not read what they wrote."""

    member: Membership
    read: Sequence[ReadVersion]
    wrote_newest: bool
    up_to_date: bool


def unread(session: Session, actor: Actor, project_id: int) -> Unread | None:
    """What the actor has yet to read, or None. Who wrote the newest version has read it."""
    found = session.scalar(select(newest_and_read(literal(actor.user_id), literal(project_id))))
    return unread_of(actor, found or ())


def newest_and_read(person: ColumnElement[int], project: ColumnElement[int]) -> ScalarSelect[list[int | None]]:
    """SQL for the newest version of a project's guidelines, who made it, and the newest of those that a person read."""
    last = (
        select(func.max(Guidelines.version))
        .join(Acknowledgement, Acknowledgement.guidelines_id == Guidelines.id)
        .where(Acknowledgement.user_id == person, Guidelines.project_id == project)
        .scalar_subquery()
    )
    newest = select(array([Guidelines.version, Guidelines.made_by, last])).where(Guidelines.project_id == project)
    return newest.order_by(Guidelines.version.desc()).limit(1).scalar_subquery()


def unread_of(actor: Actor, found: Sequence[int | None]) -> Unread | None:
    """What the actor has yet to read, of what `newest_and_read` has found."""
    version, made_by, since = found
    return None if version is None or since == version or made_by == actor.user_id else Unread(version, since)


def acknowledge(session: Session, actor: Actor, project_id: int, *, version: int | None = None) -> Guidelines:
    """The actor has read this version, or the newest; said twice, it is said once. NotFound where there is none.

    Who read one version while the next was written has read that one: the next waits for them.
    """
    if version is None:
        version = current_guidelines(session, project_id).version
    guidelines = get_guidelines_for(session, actor, project_id, version)
    said = insert(Acknowledgement).values(user_id=actor.user_id, guidelines_id=guidelines.id)
    first = session.scalar(said.on_conflict_do_nothing().returning(Acknowledgement.user_id))
    if first is not None:
        record(
            session, "projects.guidelines_read", "guidelines", guidelines.id,
            actor_id=actor.user_id, origin=actor.origin, project_id=project_id, version=version,
        )  # fmt: skip
    return guidelines


def list_readers(session: Session, actor: Actor, project_id: int) -> list[Reader]:
    """Every member with the versions that they read. For the administrators of the project."""
    members = list_members(session, actor, project_id)
    newest = current_guidelines(session, project_id)
    found: dict[int, list[ReadVersion]] = {}
    rows = (
        select(Acknowledgement.user_id, Guidelines.version, Acknowledgement.created_at)
        .join(Guidelines, Guidelines.id == Acknowledgement.guidelines_id)
        .where(Guidelines.project_id == project_id)
        .order_by(Guidelines.version.desc())
    )
    for user_id, version, read_at in session.execute(rows):
        found.setdefault(user_id, []).append(ReadVersion(version, read_at))
    return [_reader(member, found.get(member.user_id, []), newest) for member in members]


def _reader(member: Membership, read: Sequence[ReadVersion], newest: Guidelines) -> Reader:
    wrote = newest.made_by == member.user_id
    return Reader(member, read, wrote, wrote or (bool(read) and read[0].version == newest.version))
