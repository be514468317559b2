"""The browser's door to what a member works on: hand it to another, or let the member go."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render, see_other
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.writing.handover import Work, hand_over, work_of
from app.writing.schemas import HandOverForm

router = pages()


@dataclass(frozen=True)
class MemberWorkPage:
    """What a member has in hand and to whom it can go, and what happens when they leave."""

    project: Project
    user_id: int
    work: Work
    fresh: bool


@router.get("/projects/{project_id:id}/members/{person_id:id}/work", name="writing.member_work")
def show(request: Request, session: DB, actor: CurrentActor, project_id: int, person_id: int) -> Response:
    """What does this member work on?"""
    project = get_project_for(session, actor, project_id)
    work = work_of(session, actor, project_id, person_id)
    return render(request, MemberWorkPage(project, actor.user_id, work, actor.fresh))


@router.post("/assignments/{assignment_id:id}/hand-over", name="writing.hand_over")
def give(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[HandOverForm, Form()]
) -> Response:
    """Give the prompt to another member."""
    same_person(actor, form.user_id)
    made = hand_over(session, actor, assignment_id, to=form.to)
    said = "The prompt has gone to them. The draft stays with its writer."
    return see_other(request, "projects.members", say=said, project_id=made.project_id)
