"""Which versions hold texts of somebody: rows that they wrote, edited or asked, and what was made of these."""

from collections.abc import Sequence

from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.core.storage import Storage
from app.datasets.files import folder_of
from app.datasets.formats.making import folder_of as formats_of
from app.projects.models import Project
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission


def holding(session: Session, user_id: int) -> Sequence[int]:
    """Ids of the versions with a row of theirs, of any kind, in order: those that erasing them retires."""
    return session.scalars(_holding(_one(user_id)).order_by("version_id")).all()


def holds_erased(session: Session, version_id: int) -> bool:
    """Whether a version has a row of anybody who was erased."""
    erased = select(User.id).where(User.erased_at.is_not(None))
    if session.scalar(erased.limit(1)) is None:
        return False
    held = _holding(erased).subquery()
    return session.scalar(select(held.c.version_id).where(held.c.version_id == version_id)) is not None


def hold_projects(session: Session, user_id: int) -> None:
    """Let no version of their projects be listed until this transaction ends; publishing locks the same rows."""
    theirs = select(Membership.project_id).where(Membership.user_id == user_id)
    held = select(Project.id).where(Project.id.in_(theirs)).order_by(Project.id)
    session.execute(held.with_for_update(key_share=True))


def remove_version_files(storage: Storage, version_id: int) -> None:
    """Remove the files of a version, and those of its formats. Again is no harm."""
    for prefix in (folder_of(version_id), formats_of(version_id)):
        for key in list(storage.list(prefix)):
            storage.delete(key)


def _one(user_id: int) -> Select[int]:
    return select(User.id).where(User.id == user_id)


def _holding(people: Select[int]) -> Select[int]:
    """Ids of the versions with a text of these people, or with one of a run that saw any: what the erasing retires."""
    asked = select(Prompt.id).where(Prompt.author_id.in_(people), ~Prompt.imported)
    of_theirs = (func.array(ids.scalar_subquery()) for ids in (_touched_by(people), asked))
    return select(func.versions_holding(*of_theirs).column_valued("version_id"))


def _touched_by(people: Select[int]) -> CompoundSelect[int]:
    """Ids of the submissions that these people wrote, asked or edited, each way by its own index."""
    asked = select(Submission.id).join(Prompt, Prompt.id == Submission.prompt_id)
    return union(
        select(Submission.id).where(Submission.author_id.in_(people)),
        asked.where(Prompt.author_id.in_(people), ~Prompt.imported),
        select(Revision.submission_id).where(Revision.author_id.in_(people)),
    )
