"""Has a contributor accepted the text and the licence of a project? Asked once, and again when either changes."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, select, text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, User
from app.core.audit import record
from app.core.database import built_once, rows_of
from app.core.errors import Conflict
from app.core.hot import ask
from app.core.text import is_blank
from app.projects.models import Consent, ConsentTakenBack, Project
from app.projects.policy import can_see_members
from app.projects.queries import get_project_for

# Whoever stores a text holds this with others, whoever takes the consent back alone. The rows cannot be locked: to do
# so asks for the right to change them.
CONSENTS = 0x7053
RELIES = text("SELECT pg_advisory_xact_lock_shared(:of, hashint8(:who))")
TAKES_BACK = text("SELECT pg_advisory_xact_lock(:of, hashint8(:who))")


@dataclass(frozen=True)
class Signature:
    """Who accepted, under which pseudonym they are published, and when; and when they took it back, if they did."""

    user_id: int
    name: str
    pseudonym: str
    accepted_at: datetime
    taken_back_at: datetime | None


@dataclass(frozen=True)
class Accepted:
    """A text with a licence and everybody who accepted it, the last first. `current`: it is the one asked for now."""

    text: str
    licence: str
    current: bool
    by: Sequence[Signature]


def consent_wanted(session: Session, actor: Actor, project: Project) -> bool:
    """Whether the actor has yet to accept what the project asks of contributors now."""
    if is_blank(project.consent_text):
        return False
    last = consent_of(session, actor, project.id)
    return last is None or (last.text, last.licence) != (project.consent_text, project.licence)


def require_consent(session: Session, actor: Actor, project: Project) -> None:
    """Conflict, with the page on which the text is accepted, for who has not accepted it. Called by whoever writes.

    Where nothing is asked now, also for whose earlier texts are being withdrawn: what they write would go with these.
    """
    if is_blank(project.consent_text):
        _require_withdrawn(session, actor, project.id)
    require_accepted(session, actor, project)


def require_accepted(session: Session, actor: Actor, project: Project) -> None:
    """The same for who stores the text by a statement that looks itself whether earlier ones are being withdrawn."""
    if not consent_wanted(session, actor, project):
        return
    needed = Conflict(
        "projects.consent_needed",
        "Before you write here, read and accept what this project asks of its contributors.",
        consent=f"/projects/{project.id}/consent",
    )
    needed.title = "Your consent is needed first"
    raise needed


def require_lasting_consent(session: Session, actor: Actor, project: Project) -> None:
    """The same for a text that enters without the lock of a draft: until it is stored, no consent is taken back."""
    session.execute(RELIES, {"of": CONSENTS, "who": actor.user_id})
    require_consent(session, actor, project)


def lock_consents(session: Session, user_id: int) -> None:
    """Wait for all texts of theirs that are just being stored; until this transaction ends others wait to ask."""
    session.execute(TAKES_BACK, {"of": CONSENTS, "who": user_id})


def accept(session: Session, actor: Actor, project_id: int, *, shown: str | None = None) -> Consent:
    """Remember that the actor accepts the text and the licence as they are now; accepted twice, it is one consent.

    `shown` is the mark of what they read. Conflict where it is another text by now, where nothing is asked, or while
    what they wrote under a consent that was taken back is being withdrawn: only later texts are under a new one.
    """
    get_project_for(session, actor, project_id)
    # The rules cannot change until this is stored, and one person's two clicks follow each other.
    held = select(Project).where(Project.id == project_id).with_for_update(read=True)
    project = session.scalars(held.execution_options(populate_existing=True)).one()
    one_by_one(session, actor.user_id, project_id)
    if is_blank(project.consent_text):
        raise Conflict("projects.no_consent_asked", "This project asks for no consent.")
    if shown is not None and shown != mark_of(project):
        raise Conflict("projects.consent_changed", "The text has changed since you opened it. Please read it again.")
    last = consent_of(session, actor, project_id)
    if last and not consent_wanted(session, actor, project):
        return last
    _require_withdrawn(session, actor, project_id)
    given = Consent(project_id=project_id, user_id=actor.user_id, text=project.consent_text, licence=project.licence)
    session.add(given)
    session.flush()
    record(
        session, "projects.consented", "consent", given.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project_id,
    )  # fmt: skip
    return given


def one_by_one(session: Session, user_id: int, project_id: int) -> None:
    """Whatever one person accepts and takes back in a project follows one after the other."""
    mine = (Membership.project_id == project_id, Membership.user_id == user_id)
    session.execute(select(Membership.user_id).where(*mine).with_for_update())


def mark_of(project: Project) -> str:
    """What names a text with its licence: no other has the same mark."""
    return hashlib.sha256(f"{project.licence}\0{project.consent_text}".encode()).hexdigest()


def consent_of(session: Session, actor: Actor, project_id: int) -> Consent | None:
    """What the actor accepted last in a project and has not taken back."""
    mine = select(Consent).where(Consent.project_id == project_id, Consent.user_id == actor.user_id, ~_taken_back())
    return session.scalar(mine.order_by(Consent.id.desc()).limit(1))


def last_taken_back(session: Session, user_id: int, project_id: int) -> ConsentTakenBack | None:
    """What somebody took back last in a project, though they may have accepted anew since, and how far that is."""
    theirs = select(ConsentTakenBack).where(
        ConsentTakenBack.project_id == project_id, ConsentTakenBack.user_id == user_id
    )
    newest = theirs.order_by(ConsentTakenBack.consent_id.desc()).limit(1)
    return session.scalar(newest.execution_options(populate_existing=True))


def _require_withdrawn(session: Session, actor: Actor, project_id: int) -> None:
    if not ask(session, _being_withdrawn(), {"person": actor.user_id, "project": project_id}):
        return
    waits = Conflict(
        "projects.still_withdrawing",
        "What you took your consent back for is still being withdrawn. Go on once that is done: you are told.",
        consent=f"/projects/{project_id}/consent",
    )
    waits.title = "Your texts are being withdrawn"
    raise waits


@built_once
def _being_withdrawn() -> Select[int]:
    return being_withdrawn(bindparam("project"), bindparam("person")).limit(1)


def being_withdrawn(project: ColumnElement[int], person: ColumnElement[int]) -> Select[int]:
    """The consents whose texts are being withdrawn just now: of statements that go on only where there are none."""
    taken_back = rows_of(ConsentTakenBack)
    theirs = select(taken_back.c.consent_id).where(taken_back.c.finished_at.is_(None))
    return theirs.where(taken_back.c.project_id == project, taken_back.c.user_id == person)


def none_withdrawn(project: str, person: str) -> str:
    """That there are none, as a part of a later room's statement, given the names of its values."""
    return f"""NOT EXISTS (SELECT FROM consents_taken_back
        WHERE project_id = :{project} AND user_id = :{person} AND finished_at IS NULL)"""


def accepted_now(project: ColumnElement[int], person: ColumnElement[int]) -> Select[int]:
    """What the person accepted last, where it is what the project asks now: as `consent_wanted` has it."""
    projects, last = rows_of(Project), rows_of(Consent).alias("last")
    newest = select(Consent.id).where(Consent.project_id == project, Consent.user_id == person, ~_taken_back())
    newest = newest.order_by(Consent.id.desc()).limit(1)
    same = (last.c.text == projects.c.consent_text, last.c.licence == projects.c.licence)
    return select(last.c.id).where(last.c.id == newest.scalar_subquery(), projects.c.id == project, *same)


def list_consents(session: Session, actor: Actor, project_id: int) -> list[Accepted]:
    """Who accepted which text, the text accepted last first. For the administrators of the project."""
    project = get_project_for(session, actor, project_id)
    can_see_members(actor, project_id).require()
    wanted = (project.consent_text, project.licence)
    found: dict[tuple[str, str], list[Signature]] = {}
    rows = (
        select(Consent, User.name, Membership.pseudonym, _taken_back_at())
        .join(User, User.id == Consent.user_id)
        .join(Membership, (Membership.user_id == User.id) & (Membership.project_id == project_id))
        .where(Consent.project_id == project_id)
        .order_by(Consent.id.desc())
    )
    for consent, name, pseudonym, taken_back_at in session.execute(rows):
        signature = Signature(consent.user_id, name, pseudonym, consent.created_at, taken_back_at)
        found.setdefault((consent.text, consent.licence), []).append(signature)
    return [Accepted(*terms, terms == wanted, by) for terms, by in found.items()]


def terms_accepted(session: Session, project_id: int) -> dict[tuple[str, str], frozenset[int]]:
    """For each text and licence that was ever accepted in a project, in that order: by whom. For datasets.

    What somebody took back, they accepted no more.
    """
    rows = session.execute(
        select(Consent.text, Consent.licence, Consent.user_id)
        .where(Consent.project_id == project_id, ~_taken_back())
        .order_by(Consent.id)
    )
    found: dict[tuple[str, str], set[int]] = {}
    for words, licence, user_id in rows:
        found.setdefault((words, licence), set()).add(user_id)
    return {terms: frozenset(people) for terms, people in found.items()}


def not_yet(members: Iterable[Membership], accepted: Iterable[Accepted]) -> list[Membership]:
    """Those of the members who have not accepted the text of now."""
    have = {
        signature.user_id
        for terms in accepted
        if terms.current
        for signature in terms.by
        if not signature.taken_back_at
    }
    return [member for member in members if member.user_id not in have]


def _taken_back() -> ColumnElement[bool]:
    """Whether a consent was taken back, by itself or with a later one."""
    return select(ConsentTakenBack.consent_id).where(*_with_it()).exists()


def _taken_back_at() -> ScalarSelect[datetime]:
    first = select(ConsentTakenBack.created_at).where(*_with_it()).order_by(ConsentTakenBack.consent_id).limit(1)
    return first.scalar_subquery()


def _with_it() -> tuple[ColumnElement[bool], ...]:
    same = (ConsentTakenBack.project_id == Consent.project_id, ConsentTakenBack.user_id == Consent.user_id)
    return *same, ConsentTakenBack.consent_id >= Consent.id
