"""The browser's door to a new run: which method, beginning where, led by what, with which settings?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.settings import Settings
from app.core.web import pages, render, see_other
from app.datasets.models import Version
from app.datasets.queries import get_version_for
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import policy, queries, service
from app.training.base_models import TINY, BaseModel, available, facts
from app.training.choices import chosen_of
from app.training.eligible import NOTHING, Choice, choice_of, versions_of_other_kind
from app.training.methods import METHODS, Method, MethodName, methods_for
from app.training.models import Run
from app.training.schemas import RunOrNone, StartRunForm
from app.training.starting import Parents, Wish, make_plan, misfit_of, require_listed
from app.training.worker.plan import Plan

router = pages()


@dataclass(frozen=True)
class NewPage:
    """The form of a new run: filled with the defaults of base model and method, or as the run `like` was asked for.

    `begins`: the run that it goes on from, of those that it may; `leads` and `second`: reward models of that base.
    `gone`: sentences about runs that were asked for and cannot be used.
    `plan` is None where nothing can be started: `misfit` or `lacks` says why. `others`: versions of the other kind.
    """

    project: Project
    version: Version
    methods: Sequence[Method]
    method: Method
    models: Sequence[BaseModel]
    chosen: BaseModel
    begins: Choice
    leads: Choice
    second: Choice
    gone: Sequence[str]
    plan: Plan | None
    misfit: str
    like: Run | None
    others: Sequence[Version]
    can_start: Verdict


@router.get("/versions/{version_id:id}/train", name="training.new")
def new(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    method: MethodName | None = None,
    base_model: str = "",
    begins_from: Annotated[RunOrNone | None, Query()] = None,
    like: Annotated[int | None, Query(ge=1, lt=2**62)] = None,
) -> Response:
    """Which model shall learn from this version, and how? `like`: a run whose settings stand in the form."""
    version = get_version_for(session, actor, version_id)
    run = queries.get_run_for(session, actor, like) if like else None
    fitting = methods_for(version.dataset.kind)
    way = METHODS[method or (run.method if run else fitting[0].name)]
    wanted = begins_from if begins_from is not None else run.begins_from_run_id if run else None
    begins = choice_of(session, actor, version.project_id, wanted, speaks=True) if way.goes_on else NOTHING
    base = begins.chosen.base_model if begins.chosen else base_model or (run.base_model if run else TINY.name)
    require_listed(base, settings.models_root)
    leads, second = (
        choice_of(session, actor, version.project_id, one, speaks=False, base_model=base) if way.rewards else NOTHING
        for one in ((run.reward_run_id, run.second_reward_run_id) if run else (None, None))
    )
    misfit = misfit_of(version, way)
    page = NewPage(
        project=get_project_for(session, actor, version.project_id),
        version=version,
        methods=fitting if way in fitting else [*fitting, way],
        method=way,
        models=[facts(name) for name in available(settings.models_root)],
        chosen=facts(base),
        begins=begins,
        leads=leads,
        second=second,
        gone=gone_of(begins, leads, second),
        plan=plan_of(version, way, base, begins.chosen, leads, run, settings),
        misfit=misfit.sentence if misfit else "",
        like=run,
        others=versions_of_other_kind(session, actor, version),
        can_start=policy.can_start(actor, version.project_id),
    )
    return render(request, page)


def gone_of(begins: Choice, leads: Choice, second: Choice) -> list[str]:
    """Which runs cannot be used again, and what to do: nothing else takes their place unseen."""
    told = (
        (begins, "To begin from was asked for {}. The base model stands there now: choose where it shall begin."),
        (leads, "To be led by was asked for {}. Choose another reward model."),
        (second, "To be measured by was asked for {}. None stands there now."),
    )
    return [sentence.format(choice.gone.rstrip(".")) for choice, sentence in told if choice.gone]


def plan_of(
    version: Version,
    method: Method,
    base_model: str,
    begins: Run | None,
    rewards: Choice,
    like: Run | None,
    settings: Settings,
) -> Plan | None:
    """What the form is filled with; None where the method needs a reward model and there is none."""
    if method.rewards == "leads" and not rewards.runs:
        return None
    alike = like is not None and (like.base_model, like.method) == (base_model, method.name)
    wish = Wish(base_model, method.name, settings=chosen_of(like.plan) if like and alike else {})
    leads = rewards.chosen or rewards.runs[0] if method.rewards == "leads" else None
    return make_plan(version, 0, wish, settings.models_root, Parents(begins, leads))


@router.post("/versions/{version_id:id}/train", name="training.start")
def start(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    form: Annotated[StartRunForm, Form()],
) -> Response:
    """Start the run and go to its page."""
    made_of = {"base_model", "method", "begins_from_run_id", "reward_run_id", "second_reward_run_id"}
    run = service.start_run(
        session,
        actor,
        version_id,
        base_model=form.base_model,
        models_root=settings.models_root,
        settings=form.model_dump(exclude=made_of, exclude_none=True),
        method=form.method,
        begins_from=form.begins_from_run_id or None,
        reward=form.reward_run_id or None,
        second_reward=form.second_reward_run_id or None,
        processes=settings.training_processes,
    )
    return see_other(request, "training.show", run_id=run.id)
