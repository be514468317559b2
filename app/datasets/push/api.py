"""The JSON door to sending a version to a hub."""

from datetime import datetime

from app.accounts.doors import AppSettings
from app.core.database import DB
from app.core.text import Line
from app.core.web import In, Out, api
from app.datasets import queries
from app.datasets.api import Publisher, Reader
from app.datasets.push import hub, pushes

router = api("datasets", "/versions/{version_id:id}/pushes")


class NewPush(In):
    """Where to, as owner/name, and whether others may see it there."""

    repository: Line
    public: bool = False


class PushOut(Out):
    """A version sent to a hub: `address` is the commit once it is done. `is_private` is what was asked for; a
    repository that was private there before stays so."""

    repository: str
    is_private: bool
    status: str
    progress: str
    address: str
    failure: str
    asked_at: datetime


class PushList(Out):
    """Where a version was sent."""

    pushes: list[PushOut]


@router.get("", name="api.datasets.pushes")
def show(session: DB, actor: Reader, version_id: int) -> PushList:
    """Where the version was sent, or is being sent."""
    version = queries.get_version_for(session, actor, version_id)
    return PushList(pushes=[PushOut.model_validate(one) for one in pushes.pushes_of(session, version.id)])


@router.post("", name="api.datasets.push", status_code=202, response_model=PushOut)
def push(session: DB, actor: Publisher, settings: AppSettings, version_id: int, body: NewPush) -> PushOut:
    """Send the version to a repository of the hub: a job."""
    made = pushes.push(
        session, actor, version_id, repository=body.repository, private=not body.public, is_on=hub.is_on(settings)
    )
    return PushOut.model_validate(made)
