"""Erasing a person: texts, name and address go, and with them every file and model that was made of the texts."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.emails import email_key
from app.accounts.models import User
from app.core.audit import NOWHERE, Origin, record
from app.core.errors import Conflict, NotFound
from app.core.leases import give_back_everywhere
from app.core.storage import Storage
from app.datasets.files import folder_of
from app.datasets.formats.making import folder_of as formats_of
from app.datasets.models import VersionRow
from app.prompts.models import Prompt
from app.training.artefacts import model_prefix
from app.training.models import Run
from app.writing.models import Revision, Submission


@dataclass(frozen=True)
class Learned:
    """What was made of a person's texts: versions by id, and the runs on them."""

    versions: Sequence[int]
    runs: Sequence[Run]


def person_of(session: Session, email: str) -> User:
    """Whose account has this address. NotFound where nobody's has."""
    if person := session.scalar(select(User).where(User.email_key == email_key(email))):
        return person
    raise NotFound("accounts.no_such_person", "There is nobody with such an account.")


def learned_from(session: Session, user_id: int) -> Learned:
    """Every version that holds a row that they wrote, edited or asked, and every run on one."""
    rows = (
        select(VersionRow.version_id)
        .join(Submission, Submission.id == VersionRow.submission_id)
        .join(Prompt, Prompt.id == VersionRow.prompt_id)
        .where(
            (Submission.author_id == user_id)
            | (Prompt.author_id == user_id)
            | Submission.id.in_(select(Revision.submission_id).where(Revision.author_id == user_id))
        )
    )
    versions = session.scalars(rows.distinct().order_by(VersionRow.version_id)).all()
    runs = session.scalars(select(Run).where(Run.version_id.in_(versions)).order_by(Run.id)).all()
    return Learned(versions, runs)


def erase(session: Session, user_id: int, *, actor_id: int | None, origin: Origin = NOWHERE) -> Learned:
    """Empty the tables of what a person wrote and of who they are; their pseudonym, ids and counts stay.

    The files of what was made of it are removed by `remove_files` when this is committed. Conflict for the last one
    who runs this Penset, and for who was erased already.
    """
    person = session.scalar(select(User).where(User.id == user_id).with_for_update())
    if person is None:
        raise NotFound("accounts.no_such_person", "There is nobody with such an account.")
    if person.erased_at is not None:
        raise Conflict("accounts.already_erased", "They were erased already.")
    if person.is_admin:
        raise Conflict("accounts.erases_administrator", "Take the right to run this Penset away from them first.")
    learned = learned_from(session, user_id)
    give_back_everywhere(session, holder_id=user_id)
    session.execute(text("SELECT erase_person(:person)"), {"person": user_id})
    record(
        session, "accounts.erased", "user", user_id, actor_id=actor_id, origin=origin,
        versions=list(learned.versions), runs=[run.id for run in learned.runs],
    )  # fmt: skip
    session.expire_all()
    return learned


def remove_files(storage: Storage, runs_folder: Path, learned: Learned) -> None:
    """Remove the files of these versions, and of these runs the inputs, checkpoints and models. Again is no harm."""
    prefixes = [of(version_id) for version_id in learned.versions for of in (folder_of, formats_of)]
    for prefix in [*prefixes, *(model_prefix(run) for run in learned.runs)]:
        for key in list(storage.list(prefix)):
            storage.delete(key)
    for run in learned.runs:
        shutil.rmtree(runs_folder / run.folder, ignore_errors=True)
