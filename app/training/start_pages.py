"""The browser's door to a new run: which method, beginning where, led by what, with which settings?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Form, Query, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Invalid, Verdict
from app.core.web import pages, render, see_other
from app.datasets.models import Version
from app.datasets.queries import get_version_for
from app.datasets.registry import dropped_of
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import policy, queries, service
from app.training.base_models import TINY, BaseModel, available, facts
from app.training.choices import chosen_of
from app.training.eligible import NOTHING, Choice, choice_of, versions_of_other_kind
from app.training.methods import METHODS, Method, methods_for
from app.training.models import Run
from app.training.schemas import NewRunForm, StartRunForm
from app.training.starting import Parents, Wish, make_plan, misfit_of, require_listed
from app.training.takes import Takes, takes_of
from app.training.worker.plan import Plan

router = pages()


SECOND_ALONE = "A second reward model must stand beside another one, by which the run is measured first."


@dataclass(frozen=True)
class NewPage:
    """The form of a new run: filled with the defaults of base model and method, or as the run `like` was asked for.

    `begins`: the run that it goes on from, of those that it may; `leads` and `second`: reward models of that base.
    `gone`: sentences about runs that were asked for and cannot be used.
    `plan` is None where nothing can be started: `misfit` says why, or there is no reward model. `takes`: what a run of
    these settings would take; `wrong`: why there is no such run. `others`: versions of the other kind. `dropped`: rows
    that were withdrawn since the version was published, from which a run learns all the same.
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
    takes: Takes | None
    wrong: str
    misfit: str
    like: Run | None
    others: Sequence[Version]
    dropped: int
    can_start: Verdict


@router.get("/versions/{version_id:id}/train", name="training.new")
def new(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    form: Annotated[NewRunForm, Query()],
) -> Response:
    """Which model shall learn from this version, how, and what will it take?"""
    version = get_version_for(session, actor, version_id)
    run = queries.get_run_for(session, actor, form.like) if form.like else None
    fitting = methods_for(version.dataset.kind)
    way = METHODS[form.method or (run.method if run else fitting[0].name)]
    wanted = first_of(form.begins_from, form.begins_from_run_id, run.begins_from_run_id if run else None)
    begins = choice_of(session, actor, version.project_id, wanted, speaks=True)
    base = begins.chosen.base_model if begins.chosen else form.base_model or (run.base_model if run else TINY.name)
    require_listed(base, settings.models_root)
    leads, second = (
        choice_of(session, actor, version.project_id, one, speaks=False, base_model=base) if way.rewards else NOTHING
        for one in (
            first_of(form.reward_run_id, run.reward_run_id if run else None),
            first_of(form.second_reward_run_id, run.second_reward_run_id if run else None),
        )
    )
    misfit = misfit_of(version, way)
    like = chosen_of(run.plan) if run and (run.base_model, run.method) == (base, way.name) else {}
    if begins.chosen:
        like.pop("curve_seeds", None)  # what a run goes on from has seen rows of every part
    reward = leading(way, leads)
    parents = Parents(begins.chosen, reward, second.chosen if reward else None)
    plan, wrong = plan_of(version, Wish(base, way.name), parents, settings.models_root, like, form.chosen())
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
        plan=plan,
        takes=takes_of(session, actor, request.app.state.storage, settings, version, plan)
        if plan and not (misfit or wrong)
        else None,
        wrong=wrong or (SECOND_ALONE if second.chosen and not reward else ""),
        misfit=misfit.sentence if misfit else "",
        like=run,
        others=versions_of_other_kind(session, actor, version),
        dropped=dropped_of(session, version),
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


def first_of(*wanted: int | None) -> int | None:
    """The first that was asked for, be it 0."""
    return next((one for one in wanted if one is not None), None)


def leading(method: Method, rewards: Choice) -> Run | None:
    """The reward model that a run of this method is led by, or measured by, as the form begins."""
    if method.rewards == "leads" and rewards.chosen is None:
        return next(iter(rewards.runs), None)
    return rewards.chosen


def plan_of(
    version: Version,
    wish: Wish,
    parents: Parents,
    models_root: Path,
    like: Mapping[str, Any],
    typed: Mapping[str, Any],
) -> tuple[Plan | None, str]:
    """What the form is filled with, and why what was typed makes no run, if it does not. None where the method needs a
    reward model and there is none."""
    if METHODS[wish.method].rewards == "leads" and parents.reward is None:
        return None, ""
    try:
        return make_plan(version, 0, replace(wish, settings={**like, **typed}), models_root, parents), ""
    except Invalid as wrong:
        if not typed:
            raise
        return make_plan(version, 0, replace(wish, settings=like), models_root, parents), wrong.sentence


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
    run = service.start_run(
        session,
        actor,
        version_id,
        base_model=form.base_model,
        models_root=settings.models_root,
        settings=form.chosen(),
        method=form.method,
        begins_from=form.begins_from_run_id or None,
        reward=form.reward_run_id or None,
        second_reward=form.second_reward_run_id or None,
        processes=settings.training_processes,
    )
    return see_other(request, "training.show", run_id=run.id)
