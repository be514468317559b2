"""Versions on their way to a hub: who asked for it, how far it is, what became of it. Verbs write, never commit."""

from collections.abc import Sequence
from string import ascii_letters, digits

from sqlalchemy import Update, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict, Invalid, Place
from app.core.jobs import enqueue
from app.datasets.models import HubPush, VersionStatus, WorkStatus
from app.datasets.policy import can_publish
from app.datasets.push.may_go import require_sendable
from app.datasets.queries import get_version_for

SIGNS = frozenset(ascii_letters + digits + "_.-")
LONGEST_PART = 96


def is_repository(name: str) -> bool:
    """Whether a hub takes this as `owner/repository`: ASCII, no dot or hyphen beside another or at an end."""
    owner, slash, repository = name.partition("/")
    return bool(slash) and is_part(owner) and is_part(repository)


def is_part(name: str) -> bool:
    """Whether this is one half of such a name."""
    if not 1 <= len(name) <= LONGEST_PART or not SIGNS.issuperset(name):
        return False
    return not any(pair in f".{name}." for pair in ("..", "--", ".-", "-.")) and name[0] != "_"


def push(session: Session, actor: Actor, version_id: int, *, repository: str, private: bool, is_on: bool) -> HubPush:
    """Queue the sending of a published version. Conflict where this Penset sends nothing, or sends this already.

    The same version to the same repository again is allowed: it sends what is not there.
    """
    version = get_version_for(session, actor, version_id)
    can_publish(actor, version.project_id).require()
    if not is_on:
        raise Conflict("datasets.hub_off", "This Penset sends nothing to a hub: no token is set for it.")
    if version.status is not VersionStatus.PUBLISHED:
        raise Conflict("datasets.not_published", "This version is not published, so there is nothing to make of it.")
    require_sendable(session, version, actor.user_id)
    if not is_repository(repository):
        detail = "is no name of a repository, such as our-team/everyday-assistant"
        raise Invalid("datasets.bad_repository", "Nothing was sent.", Place("/repository", detail))
    wanted = insert(HubPush).values(
        version_id=version.id, repository=repository, is_private=private, status=WorkStatus.QUEUED, progress="",
        address="", failure="", asked_by=actor.user_id,
    )  # fmt: skip
    again = wanted.on_conflict_do_update(
        index_elements=[HubPush.version_id, HubPush.repository],
        set_={
            "status": WorkStatus.QUEUED, "failure": "", "progress": "", "is_private": private,
            "asked_by": actor.user_id,
        },
        where=HubPush.status != WorkStatus.QUEUED,
    )  # fmt: skip
    push_id = session.scalar(again.returning(HubPush.id))
    if push_id is None:
        raise Conflict("datasets.already_pushing", "This version is on its way there already.")
    enqueue(session, "datasets.push_to_hub", lock=f"hub-{repository}", push_id=push_id)
    record(
        session, "datasets.pushed", "version", version.id, actor_id=actor.user_id, origin=actor.origin,
        project_id=version.project_id, repository=repository,
    )  # fmt: skip
    return session.get_one(HubPush, push_id, populate_existing=True)


def pushes_of(session: Session, version_id: int) -> Sequence[HubPush]:
    """Where a version was sent, or is being sent, by the name of the repository."""
    found = select(HubPush).where(HubPush.version_id == version_id).order_by(HubPush.repository)
    return session.scalars(found.execution_options(populate_existing=True)).all()


def say(session: Session, push_id: int, progress: str) -> None:
    """How far it is, for the page."""
    session.execute(_waiting(push_id).values(progress=progress))


def settle(session: Session, push_id: int, *, address: str = "", failure: str = "") -> None:
    """Write down what became of it, unless somebody did already."""
    ended = {"status": WorkStatus.DONE, "address": address} if address else {"status": WorkStatus.FAILED}
    session.execute(_waiting(push_id).values(failure=failure, progress="", **ended))


def _waiting(push_id: int) -> Update:
    return update(HubPush).where(HubPush.id == push_id, HubPush.status == WorkStatus.QUEUED)
