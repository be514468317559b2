"""How much may one person write in a project, and how much have they? So that a dataset has many voices."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict
from app.projects.models import Project
from app.writing.models import Submission
from app.writing.qualifying import TURNED_DOWN, begun


@dataclass(frozen=True)
class Share:
    """`written`: responses handed in and not turned down, counted up to `most`."""

    written: int
    most: int


def share_of(session: Session, actor: Actor, project: Project) -> Share | None:
    """The actor's share of a project that sets one."""
    most = project.responses_per_writer
    if most == 0:
        return None
    mine = select(Submission.id).where(
        Submission.author_id == actor.user_id,
        Submission.project_id == project.id,
        Submission.status.not_in(TURNED_DOWN),
    )
    written = session.scalar(select(func.count()).select_from(mine.limit(most).subquery())) or 0
    return Share(written, most)


def has_room(session: Session, actor: Actor, project: Project) -> bool:
    """Whether the actor may begin something more."""
    share = share_of(session, actor, project)
    return share is None or share.written + (session.scalar(begun(actor, project)) or 0) < share.most


def require_share(session: Session, actor: Actor, project: Project) -> None:
    """Conflict where what the actor has written and begun is all that one person may. The caller has their turn."""
    share = share_of(session, actor, project)
    if share is None:
        return
    drafts = session.scalar(begun(actor, project)) or 0
    if share.written + drafts < share.most:
        return
    rest = "Go on with the drafts that you have begun." if drafts else "Thank you: the rest is others' to write."
    raise Conflict(
        "writing.share_done",
        f"One person writes at most {share.most:,} responses here. {rest}",
        written=share.written,
        most=share.most,
    )
