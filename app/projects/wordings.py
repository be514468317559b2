"""How should one part of the guidelines read? Reviewers propose a wording; administrators take it over or decline."""

from collections.abc import Sequence

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role
from app.accounts.notices import tell_all
from app.accounts.queries import members
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, NotFound, Place
from app.core.markdown import Part, check_markdown, parts
from app.projects.models import Guidelines, Wording, WordingState
from app.projects.policy import can_administer, can_propose_wording
from app.projects.queries import get_guidelines_for, get_project_for

SHOWN = 20


def part_of(rules: Guidelines, heading: str) -> Part:
    """The part of that heading. NotFound where these guidelines have none."""
    for part in parts(rules.text):
        if part.name == heading:
            return part
    raise NotFound("projects.no_such_part", "The guidelines have no part of that name.")


def propose(
    session: Session, actor: Actor, project_id: int, *, version: int, heading: str, text: str, reason: str
) -> Wording:
    """Propose how a part of that version should read, heading and all. Administrators hear of it."""
    rules = get_guidelines_for(session, actor, project_id, version)
    can_propose_wording(actor, project_id).require()
    part = part_of(rules, heading)
    check_markdown(text)
    if text == rules.text[part.start : part.end]:
        raise Invalid(
            "projects.same_wording", "It reads so already. Change the words first.", Place("/text", "is unchanged")
        )
    proposed = Wording(
        project_id=project_id,
        guidelines_id=rules.id,
        heading=heading,
        text=text,
        reason=reason,
        author_id=actor.user_id,
    )
    session.add(proposed)
    session.flush()
    _record(session, actor, "projects.wording_proposed", proposed)
    tell_all(
        session, members(project_id, Role.ADMIN), "wording_proposed",
        project_id=project_id, subject="project", subject_id=project_id, by=actor.user_id,
    )  # fmt: skip
    return proposed


def take_over(session: Session, actor: Actor, project_id: int, wording_id: int) -> None:
    """It stands in the version that is being written. Conflict where somebody decided on it first."""
    _decide(session, actor, project_id, wording_id, WordingState.TAKEN)


def decline(session: Session, actor: Actor, project_id: int, wording_id: int) -> None:
    """Leave the part as it is. Conflict where somebody decided on it first."""
    _decide(session, actor, project_id, wording_id, WordingState.DECLINED)


def _decide(session: Session, actor: Actor, project_id: int, wording_id: int, state: WordingState) -> None:
    wording = get_wording_for(session, actor, project_id, wording_id)
    late = Conflict("projects.wording_decided", "Somebody has already decided on this wording.")
    change_one(session, _decided(wording, actor, state), otherwise=late)
    _record(session, actor, f"projects.wording_{state.value}", wording)
    still_here = members(project_id).where(Membership.user_id == wording.author_id)
    tell_all(
        session, still_here, f"wording_{state.value}",
        project_id=project_id, subject="project", subject_id=project_id, by=actor.user_id,
    )  # fmt: skip


def _decided(wording: Wording, actor: Actor, state: WordingState) -> Update:
    is_open = update(Wording).where(Wording.id == wording.id, Wording.state == WordingState.OPEN)
    return is_open.values(state=state, decided_by=actor.user_id, decided_at=func.now())


def get_wording_for(session: Session, actor: Actor, project_id: int, wording_id: int) -> Wording:
    """A proposal with its author and version, for administrators. NotFound where it is none of this project."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    found = select(Wording).where(Wording.id == wording_id, Wording.project_id == project_id)
    if wording := session.scalar(found.options(joinedload(Wording.author), joinedload(Wording.guidelines))):
        return wording
    raise NotFound("projects.no_such_wording", "There is no such proposal.")


def list_wordings(session: Session, actor: Actor, project_id: int) -> Sequence[Wording]:
    """To administrators what waits for them, the oldest first; to others the newest of their own, decided or not."""
    get_project_for(session, actor, project_id)
    listed = select(Wording).join(Wording.author).join(Wording.guidelines).where(Wording.project_id == project_id)
    listed = listed.options(contains_eager(Wording.author), contains_eager(Wording.guidelines)).limit(SHOWN)
    if actor.administers(project_id):
        return session.scalars(listed.where(Wording.state == WordingState.OPEN).order_by(Wording.id)).all()
    return session.scalars(listed.where(Wording.author_id == actor.user_id).order_by(Wording.id.desc())).all()


def draft_with(wording: Wording, newest: Guidelines) -> str | None:
    """The newest guidelines with the proposed wording in its place; None where that part reads otherwise by now."""
    old = part_of(wording.guidelines, wording.heading)
    was = wording.guidelines.text[old.start : old.end]
    for part in parts(newest.text):
        if part.name == wording.heading and newest.text[part.start : part.end] == was:
            rest = newest.text[part.end :]
            between = "\n\n" if rest and not wording.text.endswith("\n") else ""
            return newest.text[: part.start] + wording.text + between + rest
    return None


def _record(session: Session, actor: Actor, action: str, wording: Wording) -> None:
    record(
        session,
        action,
        "wording",
        wording.id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=wording.project_id,
    )
