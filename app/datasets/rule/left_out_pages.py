"""The browser's door to what a dataset's rule leaves out: why this response, and which ones by which condition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import NotFound
from app.core.text import Line
from app.core.web import pages, render
from app.datasets import queries
from app.datasets.contamination.left_out import overlap_limit, why
from app.datasets.models import Dataset
from app.datasets.rule.preview import Explanation, LeftOut, Preview, page_of_left_out, preview
from app.datasets.rule.rules import checked_rule, in_words
from app.projects.models import Project
from app.projects.queries import get_project_for

router = pages()
# 123, what follows /submissions/ in an address, or the id of a row in a file: s123-r2.
NAMED = re.compile(r"s?([1-9][0-9]{0,17})(?:-r[0-9]{1,9}|[/?#].*)?")


@dataclass(frozen=True)
class LeftOutPage:
    """The answer for one submission, if one was named, and the responses that the rule leaves out."""

    project: Project
    dataset: Dataset
    rule: str
    would_hold: Preview
    reason: str
    left_out: Sequence[LeftOut]
    older: str | None
    asked: str
    answer: Explanation | None
    problem: str
    overlap: int | None


@router.get("/datasets/{dataset_id:id}/left-out", name="datasets.left_out")
def left_out(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    dataset_id: int,
    reason: Line = "",
    submission: Line = "",
    cursor: str | None = None,
) -> Response:
    """Why is it in or out?"""
    dataset = queries.get_responses_for(session, actor, dataset_id)
    rule = checked_rule(dataset.rule)
    page = page_of_left_out(session, actor, settings.signing_keys, dataset, reason=reason, cursor=cursor)
    chosen = f"reason={reason}&" if reason else ""
    answer, problem = answered(request, session, actor, dataset, submission)
    return render(
        request,
        LeftOutPage(
            project=get_project_for(session, actor, dataset.project_id),
            dataset=dataset,
            rule=in_words(rule),
            would_hold=preview(session, dataset.project_id, rule),
            reason=reason,
            left_out=page.rows,
            older=f"?{chosen}cursor={page.next_cursor}#left-out" if page.next_cursor else None,
            asked=submission,
            answer=answer,
            problem=problem,
            overlap=overlap_limit(session, dataset),
        ),
    )


def answered(
    request: Request, session: Session, actor: Actor, dataset: Dataset, asked: str
) -> tuple[Explanation | None, str]:
    """Why the submission of this number or address is in or out; or a sentence where it names none."""
    if not asked:
        return None, ""
    if (named := NAMED.fullmatch(asked.strip().rpartition("/submissions/")[2])) is None:
        return None, "This names no submission: give its number, its address, or the id of a row, such as s12-r1."
    try:
        return why(session, request.app.state.storage, actor, dataset, int(named[1])), ""
    except NotFound as unknown:
        return None, unknown.sentence
