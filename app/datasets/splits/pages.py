"""The browser's door to how a dataset's versions are prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.web import pages, render, see_other
from app.datasets import policy, queries, service
from app.datasets.models import Dataset
from app.datasets.queries import Kept
from app.datasets.schemas import PreparationForm
from app.datasets.splits.preparation import Preparation, checked_preparation
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories

router = pages()


@dataclass(frozen=True)
class PreparationPage:
    """What is held out of training: by this dataset's next version, and for ever by those of the project before."""

    project: Project
    dataset: Dataset
    preparation: Preparation
    categories: Sequence[Category]
    kept: Sequence[Kept]
    kept_categories: frozenset[int]
    can_publish: Verdict


@router.get("/datasets/{dataset_id:id}/preparation", name="datasets.preparation")
def preparation(request: Request, session: DB, actor: CurrentActor, dataset_id: int) -> Response:
    """How are its versions prepared?"""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    kept = queries.kept_out(session, dataset.project_id)
    return render(
        request,
        PreparationPage(
            project=get_project_for(session, actor, dataset.project_id),
            dataset=dataset,
            preparation=checked_preparation(dataset.preparation),
            categories=list_categories(session, dataset.project_id),
            kept=kept,
            kept_categories=frozenset(one.category_id for one in kept if one.category_id is not None),
            can_publish=policy.can_publish(actor, dataset.project_id),
        ),
    )


@router.post("/datasets/{dataset_id:id}/preparation", name="datasets.prepare")
def prepare(
    request: Request, session: DB, actor: CurrentActor, dataset_id: int, form: Annotated[PreparationForm, Form()]
) -> Response:
    """Say how the next versions are prepared."""
    dataset = service.prepare(session, actor, dataset_id, form.preparation(), seen=form.seen)
    return see_other(request, "datasets.show", dataset_id=dataset.id)
