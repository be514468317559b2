"""The browser's door to good examples: a page of its own, and what the writer's drawer is filled with."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.projects.models import Category, Project
from app.review import examples as found
from app.writing.models import Revision

router = pages()


@dataclass(frozen=True)
class ExamplesPage:
    """Two good responses of a category; nobody is named."""

    project: Project
    category: Category
    examples: Sequence[Revision]


@router.get("/categories/{category_id:id}/examples", name="review.examples")
def examples(request: Request, session: DB, actor: CurrentActor, category_id: int) -> Response:
    """What does a good response look like?"""
    project, category = found.get_category_with_examples(session, actor, category_id)
    return render(request, ExamplesPage(project, category, found.best_rated(session, category)))
