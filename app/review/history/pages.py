"""How do we decide? The decisions of a project with the figures of an evening, in the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BeforeValidator
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.text import none_if_empty
from app.core.web import pages, render
from app.projects.models import Project
from app.review import gold, queries
from app.review.desk.answers import open_queue
from app.review.history.evening import Evening, evening
from app.review.history.history import reviewers_of
from app.review.models import Decision, Review
from app.review.narrowing import Id

router = pages()


@dataclass(frozen=True)
class HistoryPage:
    """The decisions of a project, newest first; `shares` counts the last 100. `calibration` is the reader's own.

    `evening` holds the figures; on further pages, and where only some decisions are shown, there are none.
    """

    project: Project
    reviews: Sequence[Review]
    title: str
    shares: Mapping[Decision, int]
    decision: Decision | None
    reviewer: int | None
    reviewers: Sequence[tuple[str, str]]
    older: str | None
    calibration: gold.Calibration
    evening: Evening | None


@router.get("/projects/{project_id:id}/review/history", name="review.history")
def history(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    decision: Annotated[Decision | None, BeforeValidator(none_if_empty)] = None,
    reviewer: Annotated[Id | None, BeforeValidator(none_if_empty)] = None,
    cursor: str | None = None,
) -> Response:
    """The decisions of a project, newest first."""
    project = open_queue(session, actor, project_id)
    book = CursorBook(settings.signing_keys, "review.history", actor.user_id, [project_id, decision, reviewer])
    rows = queries.list_reviews(
        session, actor, project_id, before=book.read(cursor), decision=decision, reviewer_id=reviewer
    )
    page = book.page(rows, position=lambda review: review.id)
    shares = queries.latest_shares(session, actor, project_id)
    filters = {"decision": decision, "reviewer": reviewer, "cursor": page.next_cursor}
    older = "?" + urlencode({name: value for name, value in filters.items() if value}) if page.next_cursor else None
    own = gold.calibration(session, actor, project_id, seconds=settings.undo_seconds)
    everything = cursor is None and decision is None and reviewer is None
    shown = HistoryPage(
        project=project,
        reviews=page.rows,
        title=history_title(shares),
        shares=shares,
        decision=decision,
        reviewer=reviewer,
        reviewers=[("", "By anybody"), *((str(one), name) for one, name in reviewers_of(session, project_id))],
        older=older,
        calibration=own,
        evening=evening(session, actor, project) if shares and everything else None,
    )
    return render(request, shown)


def history_title(shares: Mapping[Decision, int]) -> str:
    """The finding of the last decisions; nothing where there are none."""
    looked_at, approved = sum(shares.values()), shares.get(Decision.APPROVED, 0)
    if looked_at == 1:
        return "One decision so far."
    return f"{approved} of the last {looked_at} decisions approved." if looked_at else ""
