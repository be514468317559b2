"""The list of erasures: who was erased, kept beside the files, so that a restored database is told of it again."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.storage import AlreadyStored, Storage

FOLDER = "erasures"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def note(storage: Storage, person: User) -> None:
    """Enter somebody. The entry holds nothing of who they were."""
    try:
        storage.put_new(f"{FOLDER}/{entry_of(person)}", [b"erased\n"])
    except AlreadyStored:
        return


def entry_of(person: User) -> str:
    """The id and the moment at which the account was made: a restored database may give the id to somebody else."""
    return f"{person.id}-{(person.created_at - EPOCH) // timedelta(microseconds=1)}"


def listed_people(session: Session, storage: Storage) -> list[int]:
    """Ids of those who are in the list, and whom this database does not know as erased."""
    listed = entries(storage)
    ids = [int(entry.partition("-")[0]) for entry in listed]
    found = session.scalars(select(User).where(User.id.in_(ids), User.erased_at.is_(None)).order_by(User.id))
    return [person.id for person in found if entry_of(person) in listed]


def enter_missing(session: Session, storage: Storage) -> None:
    """Enter who was erased before there was a list, or while it was out of reach."""
    listed = entries(storage)
    for person in session.scalars(select(User).where(User.erased_at.is_not(None)).order_by(User.id)):
        if entry_of(person) not in listed:
            note(storage, person)


def entries(storage: Storage) -> set[str]:
    """The names of what the list holds."""
    return {key.removeprefix(f"{FOLDER}/") for key in storage.list(FOLDER)}
