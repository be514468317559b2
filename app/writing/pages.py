"""The browser's door to writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Verdict
from app.core.web import pages, render, see_other
from app.projects.models import Category, Project
from app.projects.qualifying import Standing
from app.projects.queries import get_project_for, list_categories
from app.prompts.turns import has_turns
from app.writing import (
    consent_pages,
    handover_pages,
    hint_pages,
    import_pages,
    left_pages,
    queries,
    recall_pages,
    service,
    sheet_pages,
    skip_pages,
)
from app.writing.cards import DraftCard, SubmissionCard, draft_card, submission_card
from app.writing.checks import Finding
from app.writing.hints import overlooked
from app.writing.policy import can_write
from app.writing.qualifying import standing
from app.writing.schemas import Id, NextForm
from app.writing.shares import Share, share_of
from app.writing.undoing import Skipped, undoable
from app.writing.ways import to_index, to_sheet

router = pages()


@dataclass(frozen=True)
class IndexPage:
    """What the actor can write in a project: the next prompt, a pair, their drafts."""

    project: Project
    user_id: int
    can_write: Verdict
    categories: Sequence[Category]
    drafts: Sequence[DraftCard]
    handed_in: SubmissionCard | None
    overlooked: Sequence[Finding]
    skipped: Skipped | None
    to_mend: bool
    nothing_open: bool
    advised: bool
    needed: bool
    standing: Standing
    share: Share | None


@router.get("/projects/{project_id:id}/write", name="writing.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    handed_in: Annotated[Id | None, Query()] = None,
    skipped: Annotated[Id | None, Query()] = None,
    nothing_open: bool = False,
) -> Response:
    """Where a writer begins: the next prompt, a pair, their drafts."""
    project = get_project_for(session, actor, project_id)
    drafts = [draft_card(one) for one in queries.list_drafts(session, actor, project_id=project.id)]
    categories = list_categories(session, project.id)
    now = standing(session, actor, project)
    done = queries.own_submission(session, actor, handed_in) if handed_in else None
    page = IndexPage(
        project=project,
        user_id=actor.user_id,
        can_write=can_write(actor, project),
        categories=categories,
        drafts=drafts,
        handed_in=submission_card(done) if done else None,
        overlooked=overlooked(session, done) if done else (),
        skipped=undoable(session, actor, skipped) if skipped else None,
        to_mend=bool(nothing_open and queries.changes_asked_of(session, actor)),
        nothing_open=nothing_open,
        advised=project.follows_advice and has_turns(session, project.id),
        needed=project.follows_need and any(one.approved < one.target for one in categories),
        standing=now,
        share=share_of(session, actor, project),
    )
    return render(request, page)


@router.post("/projects/{project_id:id}/write/next", name="writing.next")
def take_next(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NextForm, Form()]
) -> Response:
    """Take the next prompt and go to it."""
    same_person(actor, form.user_id)
    assignment = service.take_next(session, actor, project_id, category_id=form.category_id)
    if assignment is None:
        return to_index(request, project_id, nothing_open="true")
    return to_sheet(request, assignment.id, of=form.category_id)


@router.post("/projects/{project_id:id}/write/pair", name="writing.start_pair")
def start_pair(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NextForm, Form()]
) -> Response:
    """Begin a pair and go to it."""
    same_person(actor, form.user_id)
    assignment = service.start_pair(session, actor, project_id, category_id=form.category_id)
    return see_other(request, "writing.show", assignment_id=assignment.id)


router.routes += consent_pages.router.routes
router.routes += sheet_pages.router.routes
router.routes += handover_pages.router.routes
router.routes += hint_pages.router.routes
router.routes += import_pages.router.routes
router.routes += skip_pages.router.routes
router.routes += left_pages.router.routes
router.routes += recall_pages.router.routes
