"""The browser's door to what is usual in a category: a page of its own, and what stands beside the sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.projects.models import Category, Project
from app.review import examples as found
from app.writing.checks.length import ENOUGH
from app.writing.lengths import Usual, usual
from app.writing.models import Revision

router = pages()


@dataclass(frozen=True)
class ExamplesPage:
    """How long is usual, once `enough` are approved, and two good responses of a category; nobody is named."""

    project: Project
    category: Category
    usual: Usual | None
    enough: int
    examples: Sequence[Revision]


@router.get("/categories/{category_id:id}/examples", name="review.examples")
def examples(request: Request, session: DB, actor: CurrentActor, category_id: int) -> Response:
    """What does a good response look like?"""
    project, category = found.get_category_for(session, actor, category_id)
    page = ExamplesPage(
        project=project,
        category=category,
        usual=usual(session, project.id, category.id),
        enough=ENOUGH,
        examples=found.best_rated(session, project, category),
    )
    return render(request, page)
