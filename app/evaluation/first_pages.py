"""The doors to what people should answer first, and to letting writers be given it first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person, with_scope
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.web import Out, api, pages, render, see_other
from app.evaluation.first import AnswerFirst
from app.evaluation.queries import answer_first_in
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import get_project_for
from app.projects.service import change_settings
from app.training.policy import can_see

router = pages()
json_router = api("evaluation")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]
SHOWN = 50


@dataclass(frozen=True)
class FirstPage:
    """The order of the newest run that has one, and whether writers follow it."""

    project: Project
    user_id: int
    first: AnswerFirst | None
    shown: int
    can_administer: Verdict


class FollowForm(DrawnFor):
    """The press that lets writers follow the order, or no more; `seen`: the mark of the settings as they were shown."""

    follows: bool
    seen: str


class FirstOut(Out):
    """An open prompt and why it is where it is: `doubt` in nats, `doubted_more_than` and `nearest` from 0 to 1."""

    place: int
    prompt_id: int
    category_id: int | None
    doubt: float
    doubted_more_than: float
    stands_for: int
    nearest: float
    reasons: Sequence[str]


class FirstList(Out):
    """Open prompts in the order in which a run would have them answered; `run_id` is null where no run has made one.

    `looked_at`: how many were open then. `followed`: whether writers are given them in this order.
    """

    run_id: int | None
    looked_at: int
    followed: bool
    prompts: list[FirstOut]


@router.get("/projects/{project_id:id}/first", name="evaluation.first")
def first(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Which open prompts should people answer first, and why?"""
    project = get_project_for(session, actor, project_id)
    can_see(actor, project_id).require()
    found = answer_first_in(session, actor, project_id)
    return render(request, FirstPage(project, actor.user_id, found, SHOWN, can_administer(actor, project_id)))


@router.post("/projects/{project_id:id}/first", name="evaluation.follow")
def follow(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[FollowForm, Form()]
) -> Response:
    """Let writers be given prompts in this order, or the oldest first again."""
    same_person(actor, form.user_id)
    change_settings(session, actor, project_id, seen=form.seen, follows_advice=form.follows)
    return see_other(request, "evaluation.first", project_id=project_id)


@json_router.get("/projects/{project_id:id}/first", name="api.evaluation.first")
def first_as_json(session: DB, actor: Reader, project_id: int) -> FirstList:
    """Which open prompts should people answer first. Writers follow it by PATCH of the project: `follows_advice`."""
    project = get_project_for(session, actor, project_id)
    can_see(actor, project_id).require()
    found = answer_first_in(session, actor, project_id)
    if found is None:
        return FirstList(run_id=None, looked_at=0, followed=project.follows_advice, prompts=[])
    prompts = [
        FirstOut.model_validate(
            one.numbers
            | {"place": one.place, "prompt_id": one.prompt.id, "category_id": one.prompt.category_id}
            | {"reasons": one.reasons}
        )
        for one in found.prompts
    ]
    return FirstList(
        run_id=found.run.id, looked_at=found.looked_at, followed=project.follows_advice, prompts=prompts
    )  # fmt: skip
