"""The doors to sending a version to a hub: a form with what became of it, and the same as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.text import Line
from app.core.web import FormIn, pages, render
from app.datasets import policy, queries
from app.datasets.models import HubPush, Version, WorkStatus
from app.datasets.push import hub, pushes
from app.datasets.push.may_go import is_offered

router = pages("/versions/{version_id:id}/pushes")


class PushForm(FormIn):
    """Where to, and whether others may see it there."""

    repository: Line
    public: Annotated[bool, Form()] = False


@dataclass(frozen=True)
class PushesPart:
    """The part of a version's page that tells where it was sent, which changes while it is on its way."""

    version: Version
    pushes: Sequence[HubPush]
    pushing: bool
    hub_is_on: bool
    can_push: Verdict


@router.get("", name="datasets.pushes")
def show(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, version_id: int) -> Response:
    """How far is it?"""
    version = queries.get_version_for(session, actor, version_id)
    found = pushes.pushes_of(session, version.id)
    may = policy.can_publish(actor, version.project_id)
    part = PushesPart(version, found, is_pushing(found), is_offered(session, settings, version, actor.user_id), may)
    return render(request, part, template="datasets/_pushes.html")


def is_pushing(found: Sequence[HubPush]) -> bool:
    """Whether one of these is on its way."""
    return any(one.status is WorkStatus.QUEUED for one in found)


@router.post("", name="datasets.push")
def push(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    form: Annotated[PushForm, Form()],
) -> Response:
    """Send the version to a repository of the hub."""
    pushes.push(
        session, actor, version_id, repository=form.repository, private=not form.public, is_on=hub.is_on(settings)
    )
    there = request.url_for("datasets.version", version_id=version_id).path
    return RedirectResponse(f"{there}#pushes", status_code=303)
