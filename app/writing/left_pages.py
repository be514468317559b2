"""The doors to which prompts of a project writers leave to others, most often first."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.excerpts import beginning
from app.core.web import Out, api, pages, render
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.prompts.cards import question_of, state_of
from app.prompts.models import Prompt, PromptStatus
from app.prompts.policy import can_see_questions
from app.writing.models import Assignment, AssignmentStatus, SkipKind
from app.writing.skip_pages import KINDS, Reader, reported

router = pages()
json_router = api("writing")
LOOK_BACK = 1000  # of the project's latest skips: a bounded look back, whatever its size
ENOUGH = 2
SHOWN = 50


@dataclass(frozen=True)
class Left:
    """A prompt on offer, how many writers left it since it was approved, and for which reasons."""

    prompt_id: int
    question: str
    language: str
    state: str
    writers: int
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class LeftPage:
    """The prompts that several writers left to others."""

    project: Project
    user_id: int
    left: Sequence[Left]
    look_back: int


class LeftOut(Out):
    """A prompt on offer that several writers left to others, with how many gave which reason."""

    prompt_id: int
    writers: int
    reasons: dict[str, int]


class AllLeftOut(Out):
    """The prompts on offer that writers leave most often, at most fifty, by the project's latest thousand skips."""

    left: list[LeftOut]


@router.get("/projects/{project_id:id}/left", name="writing.left")
def show(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Which prompts do writers leave to others?"""
    project = get_project_for(session, actor, project_id)
    return render(request, LeftPage(project, actor.user_id, often_left(session, actor, project.id), LOOK_BACK))


@json_router.get("/projects/{project_id:id}/left", name="api.writing.left")
def api_show(session: DB, actor: Reader, project_id: int) -> AllLeftOut:
    """Which prompts on offer writers leave to others most often, and why; for those who decide on prompts."""
    get_project_for(session, actor, project_id)
    return AllLeftOut(left=[LeftOut.model_validate(one) for one in often_left(session, actor, project_id)])


def often_left(session: Session, actor: Actor, project_id: int) -> list[Left]:
    """What at least two writers left since its approval and is still on offer. For those who decide there."""
    can_see_questions(actor, project_id).require()
    latest = select(Assignment.id).where(
        Assignment.project_id == project_id, Assignment.status == AssignmentStatus.SKIPPED
    )
    latest = latest.order_by(Assignment.id.desc()).limit(LOOK_BACK)
    said = select(Prompt.id, Assignment.skip_kind).join(Prompt, Prompt.id == Assignment.prompt_id)
    said = said.where(
        Assignment.id.in_(latest.scalar_subquery()),
        Assignment.skip_kind.is_not(None),
        Prompt.status == PromptStatus.APPROVED,
        or_(Prompt.decided_at.is_(None), Assignment.created_at >= Prompt.decided_at),
        ~reported(),
    )
    counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for prompt_id, kind in session.execute(said):
        counted[prompt_id][KINDS[kind or SkipKind.OTHER]] += 1
    most = sorted(counted.items(), key=lambda one: (-one[1].total(), one[0]))
    shown = {prompt_id: reasons for prompt_id, reasons in most[:SHOWN] if reasons.total() >= ENOUGH}
    prompts = {one.id: one for one in session.scalars(select(Prompt).where(Prompt.id.in_(shown)))}
    return [_left(prompts[prompt_id], reasons) for prompt_id, reasons in shown.items()]


def _left(prompt: Prompt, reasons: Counter[str]) -> Left:
    question = beginning(question_of(prompt))
    return Left(prompt.id, question, prompt.language, state_of(prompt), reasons.total(), dict(reasons.most_common()))
