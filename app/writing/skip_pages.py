"""The doors to why writers left a prompt to others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.accounts.models import Membership
from app.core.database import DB
from app.core.web import Out, api, pages, render
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.prompts.models import Prompt, PromptReport
from app.prompts.policy import can_settle
from app.prompts.queries import get_prompt_for
from app.writing.models import Assignment, AssignmentStatus, SkipKind

router = pages()
json_router = api("writing")
Reader = Annotated[Actor, Depends(with_scope("prompts:read"), scope="function")]
SHOWN = 100
KINDS = {
    SkipKind.NOT_MY_FIELD: "Not their field",
    SkipKind.TOO_LONG: "Takes too long",
    SkipKind.UNCLEAR: "Unclear what is asked",
    SkipKind.OTHER: "Something else",
}


@dataclass(frozen=True)
class Skipped:
    """One writer's reason, as this reader may see it: `who` is a pseudonym, as beside their texts, and empty for the
    proposer."""

    kind: str
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True)
class SkipsPage:
    """Why a prompt was left to others, latest first, at most `SHOWN` of them."""

    project: Project
    prompt: Prompt
    skipped: Sequence[Skipped]
    shown: int


@router.get("/prompts/{prompt_id:id}/skips", name="writing.skips")
def show(request: Request, session: DB, actor: CurrentActor, prompt_id: int) -> Response:
    """Why did writers leave this prompt to others?"""
    prompt = prompt_for(session, actor, prompt_id)
    project = get_project_for(session, actor, prompt.project_id)
    return render(request, SkipsPage(project, prompt, list_skipped(session, actor, prompt), SHOWN))


class SkippedOut(Out):
    """One writer's reason; `who` is a pseudonym, and empty for the proposer."""

    kind: str
    reason: str
    who: str
    at: datetime


class SkipsOut(Out):
    """Why a prompt was left to others, the latest first, at most a hundred."""

    skipped: list[SkippedOut]


@json_router.get("/prompts/{prompt_id:id}/skips", name="api.writing.skips")
def api_show(session: DB, actor: Reader, prompt_id: int) -> SkipsOut:
    """Why writers left this prompt to others, for its proposer and those who decide."""
    found = list_skipped(session, actor, prompt_for(session, actor, prompt_id))
    return SkipsOut(skipped=[SkippedOut.model_validate(one) for one in found])


def prompt_for(session: Session, actor: Actor, prompt_id: int) -> Prompt:
    """The prompt, for its proposer and those who decide."""
    prompt = get_prompt_for(session, actor, prompt_id)
    if prompt.author_id != actor.user_id:
        can_settle(actor, prompt).require()
    return prompt


def reported() -> ColumnElement[bool]:
    """Skips that came with a report: that says why."""
    return exists().where(
        PromptReport.prompt_id == Assignment.prompt_id, PromptReport.reporter_id == Assignment.writer_id
    )


def list_skipped(session: Session, actor: Actor, prompt: Prompt) -> list[Skipped]:
    """The latest skips of a prompt but for those that came with a report, which stands on the prompt's page."""
    here = (Membership.project_id == Assignment.project_id, Membership.user_id == Assignment.writer_id)
    left = select(Assignment.skip_kind, Assignment.skip_reason, Membership.pseudonym, Assignment.created_at)
    left = left.outerjoin(Membership, and_(*here)).where(
        Assignment.prompt_id == prompt.id, Assignment.status == AssignmentStatus.SKIPPED, ~reported()
    )
    left = left.where(or_(Assignment.skip_kind.is_not(None), Assignment.skip_reason != ""))  # they left it themselves
    found = session.execute(left.order_by(Assignment.id.desc()).limit(SHOWN)).all()
    decides = bool(can_settle(actor, prompt))
    return [
        Skipped(KINDS[kind or SkipKind.OTHER], reason, (name or "somebody") if decides else "", at)
        for kind, reason, name, at in found
    ]
