"""Is a project over? Archived, nothing new is written or proposed in it until it is taken up again.

Verbs write, never commit.
"""

from typing import Any

from sqlalchemy import func, null, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.projects.models import Project
from app.projects.policy import can_archive
from app.projects.queries import get_project_for


def archive(session: Session, actor: Actor, project_id: int) -> Project:
    """Let nothing new be written or proposed here; what waits can be reviewed and published. Twice is once."""
    return _changed(session, actor, project_id, "projects.archived", Project.archived_at.is_(None), func.now())


def take_up(session: Session, actor: Actor, project_id: int) -> Project:
    """Let people write and propose here again. Twice is once."""
    return _changed(session, actor, project_id, "projects.taken_up", Project.archived_at.is_not(None), null())


def _changed(session: Session, actor: Actor, project_id: int, action: str, unless_done: Any, moment: Any) -> Project:
    project = get_project_for(session, actor, project_id)
    can_archive(actor, project_id).require()
    changed = update(Project).where(Project.id == project_id, unless_done).values(archived_at=moment)
    changed = changed.execution_options(synchronize_session=False)
    if session.scalar(changed.returning(Project.id)) is not None:
        record(
            session, action, "project", project_id,
            actor_id=actor.user_id, origin=actor.origin, project_id=project_id,
        )  # fmt: skip
    session.refresh(project)
    return project
