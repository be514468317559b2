"""The form that lets models answer for a comparison set, how far that is, and the buttons that end and repeat it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Conflict, Invalid, Verdict
from app.core.web import pages, render, see_other
from app.preferences import queries
from app.preferences.generation import wanting
from app.preferences.generation.wanting import Wanted
from app.preferences.making.models import Making
from app.preferences.models import ComparisonSet, Generation, PromptRule
from app.preferences.policy import can_make
from app.preferences.schemas import AnswersForm, PressedForm
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.desk.answers import Refusal, refusal_of
from app.training.eligible import done_of

router = pages()
RULES = (
    (PromptRule.UNANSWERED, "Prompts that nobody has answered, then answered ones"),
    (PromptRule.TEST, "Prompts of the test split, which only measure"),
)


FRESH = Wanted("", run_ids=(), bases=True, check_every=10)


@dataclass(frozen=True)
class AnswersPage:
    """The form as it was filled in; `runs`: id and name of those that have left a model."""

    project: Project
    runs: Sequence[tuple[int, str]]
    form: Wanted
    rules: Sequence[tuple[PromptRule, str]] = RULES
    refusal: Refusal | None = None


@dataclass(frozen=True)
class ProgressPage:
    """How far a set is: its making, or the answers of models."""

    shown: ComparisonSet
    work: Making | Generation | None
    can_make: Verdict


@router.get("/projects/{project_id:id}/preferences/answers", name="preferences.answers")
def answers(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Whose models are to answer, and what?"""
    newest = [run.id for run in done_of(session, actor, project_id, speaks=True, limit=1)]
    return render(request, answers_page(session, actor, project_id, replace(FRESH, run_ids=newest)))


def answers_page(
    session: Session, actor: Actor, project_id: int, form: Wanted, refusal: Refusal | None = None
) -> AnswersPage:
    """The form for who may make sets."""
    project = get_project_for(session, actor, project_id)
    can_make(actor, project.id).require()
    runs = [
        (run.id, f"Run {run.number}, on {run.base_model}, {run.version.dataset.name} version {run.version.number}")
        for run in done_of(session, actor, project.id, speaks=True)
    ]
    return AnswersPage(project, runs, form, refusal=refusal)


@router.post("/projects/{project_id:id}/preferences/answers", name="preferences.generate")
def generate(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[AnswersForm, Form()]
) -> Response:
    """Make the set and show it; what is refused leaves the form filled."""
    same_person(actor, form.user_id)
    wanted = wanted_in(form)
    try:
        with session.begin_nested():
            wanting.ask_models(session, actor, project_id, wanted)
    except (Invalid, Conflict) as error:
        page = answers_page(session, actor, project_id, wanted, refusal_of(request, error))
        return render(request, page, template="preferences/answers.html", status=error.status)
    return see_other(request, "preferences.index", project_id=project_id)


def wanted_in(form: AnswersForm) -> Wanted:
    """What a form asks for."""
    return Wanted(
        name=form.name,
        run_ids=list(dict.fromkeys(form.run_id)),
        bases=bool(form.bases),
        people=bool(form.people),
        prompts=PromptRule(form.prompts),
        most=form.most,
        temperature=form.temperature,
        max_tokens=form.max_tokens,
        seed=form.seed,
        ranks=int(form.ranks),
        opinions=form.opinions,
        asks_strength=bool(form.strength),
        check_every=form.check_every,
    )


@router.get("/comparison-sets/{set_id:id}/progress", name="preferences.progress")
def progress(request: Request, session: DB, actor: CurrentActor, set_id: int) -> Response:
    """How far a set is, for the page that waits for it."""
    shown = queries.get_set_for(session, actor, set_id)
    works = queries.works_of(session, [shown.id])
    page = ProgressPage(shown, works.get(shown.id), can_make(actor, shown.project_id))
    return render(request, page, template="preferences/_work.html")


@router.post("/comparison-sets/{set_id:id}/cancel", name="preferences.cancel")
def cancel(
    request: Request, session: DB, actor: CurrentActor, set_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Ask no more of the models."""
    same_person(actor, form.user_id)
    found = wanting.cancel(session, actor, set_id)
    return back_to(request, found, "No more is asked. What was answered is kept.")


@router.post("/comparison-sets/{set_id:id}/retry", name="preferences.retry")
def retry(
    request: Request, session: DB, actor: CurrentActor, set_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Ask for what is not there yet."""
    same_person(actor, form.user_id)
    return back_to(request, wanting.retry(session, actor, set_id))


def back_to(request: Request, shown: ComparisonSet, say: str = "") -> Response:
    """303 to the page of a set."""
    answer = see_other(request, "preferences.index", say=say, project_id=shown.project_id)
    answer.headers["location"] += f"?set_id={shown.id}"
    return answer
