"""Erasing a person: texts, name and address go, and with them every file and model that was made of the texts.

It is asked for once, and carried out in steps of which each may be done again: killed anywhere, the next try ends it.
"""

from pathlib import Path

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.actor import Actor
from app.accounts.emails import email_key
from app.accounts.models import Erasure, User
from app.accounts.people import disable
from app.accounts.queries import get_person_for
from app.core.audit import NOWHERE, Origin, record
from app.core.database import set_statement_timeout
from app.core.errors import Conflict, Invalid, NotFound, Place, StartRefused
from app.core.jobs import JOB_STATEMENT_MS, enqueue
from app.core.leases import give_back_everywhere
from app.core.storage import Storage, StorageError
from app.datasets.erased import hold_projects
from app.training.erasure_list import enter_missing, listed_people, note
from app.training.learned import Learned, learned_from, remove_files
from app.training.models import Run, RunStatus
from app.writing.withdrawing import forget_reasons


def person_of(session: Session, email: str) -> User:
    """Whose account has this address. NotFound where nobody's has."""
    if person := session.scalar(select(User).where(User.email_key == email_key(email))):
        return person
    raise NotFound("accounts.no_such_person", "There is nobody with such an account.")


def ask(session: Session, actor: Actor, user_id: int, *, email: str) -> None:
    """Have a person erased, whose address confirms who is meant. They are kept out at once. Again changes nothing."""
    person = get_person_for(session, actor, user_id)
    if session.get(Erasure, user_id) is not None:
        return
    if email_key(email) != person.email_key:
        wrong = Place("/email", "is not the address of this account")
        raise Invalid("accounts.another_address", "This is not their address, so nobody was erased.", wrong)
    begin(session, person, asked_by=actor.user_id, origin=actor.origin)
    if person.disabled_at is None:
        disable(session, actor, user_id)


def begin(session: Session, person: User, *, asked_by: int | None, origin: Origin = NOWHERE) -> None:
    """Queue the erasure. Conflict for who runs this Penset."""
    session.refresh(person, with_for_update=True)
    if person.is_admin:
        raise Conflict("accounts.erases_administrator", "Take the right to run this Penset away from them first.")
    _queue(session, person.id, asked_by=asked_by, origin=origin)


def carry_out(sessions: sessionmaker[Session], storage: Storage, runs_folder: Path, user_id: int) -> Learned:
    """Empty the tables, enter the person in the list of erasures, remove the files. What was done is not done again."""

    def tell(words: str) -> None:
        with sessions.begin() as session:
            session.execute(update(Erasure).where(Erasure.user_id == user_id).values(progress=words))

    tell("Emptying what they wrote")
    with sessions.begin() as session:
        set_statement_timeout(session, JOB_STATEMENT_MS)
        person = empty_tables(session, user_id)
    note(storage, person)
    with sessions.begin() as session:
        set_statement_timeout(session, JOB_STATEMENT_MS)
        learned = learned_from(session, user_id)
    remove_files(storage, runs_folder, learned, tell)
    with sessions.begin() as session:
        unfinished = update(Erasure).where(Erasure.user_id == user_id, Erasure.finished_at.is_(None))
        session.execute(unfinished.values(progress="", finished_at=func.now()))
    return learned


def empty_tables(session: Session, user_id: int) -> User:
    """Empty the tables of what a person wrote and of who they are, once; their pseudonym, ids and counts stay.

    Runs on their texts stop, and no version with a row of theirs is listed meanwhile.
    """
    person = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if person.erased_at is not None:
        return person
    hold_projects(session, user_id)
    learned = learned_from(session, user_id)
    _stop_runs(session, learned)
    give_back_everywhere(session, holder_id=user_id)
    forget_reasons(session, user_id)
    session.execute(text("SELECT erase_person(:person)"), {"person": user_id})
    record(
        session, "accounts.erased", "user", user_id,
        actor_id=session.scalar(select(Erasure.asked_by).where(Erasure.user_id == user_id)),
        versions=list(learned.versions), runs=[run.id for run in learned.runs],
    )  # fmt: skip
    session.expire_all()
    return session.get_one(User, user_id)


def apply_list(session: Session, storage: Storage) -> list[int]:
    """Erase again who a restored database has brought back; before anybody may see them. Their ids.

    The tables are emptied now; the files that came back with them are given to nobody, and a job removes them.
    """
    set_statement_timeout(session, JOB_STATEMENT_MS)
    try:
        returned = listed_people(session, storage)
        enter_missing(session, storage)
    except StorageError as why:
        raise StartRefused(f"Whether a backup brought back somebody who was erased cannot be known: {why}") from why
    for user_id in returned:
        _queue(session, user_id, asked_by=None)
        empty_tables(session, user_id)
    return returned


def _queue(session: Session, user_id: int, *, asked_by: int | None, origin: Origin = NOWHERE) -> None:
    asked = insert(Erasure).values(user_id=user_id, asked_by=asked_by).on_conflict_do_nothing()
    if session.scalar(asked.returning(Erasure.user_id)) is not None:
        enqueue(session, "training.erase", lock=f"erase-{user_id}", user_id=user_id)
        record(session, "accounts.erasure_asked", "user", user_id, actor_id=asked_by, origin=origin)


def _stop_runs(session: Session, learned: Learned) -> None:
    """Ask those at work to stop. All are locked: what a worker tells of one is kept before this, or not at all."""
    ids = [run.id for run in learned.runs]
    session.execute(select(Run.id).where(Run.id.in_(ids)).order_by(Run.id).with_for_update())
    at_work = update(Run).where(Run.id.in_(ids), Run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
    session.execute(at_work.values(status=RunStatus.STOPPING))
