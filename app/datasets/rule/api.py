"""The JSON door to rules: the one a dataset has and had, what another would take, and why a response is in or out."""

from typing import Annotated

from fastapi import Header, Request, Response

from app.accounts.doors import AppSettings
from app.core.database import DB
from app.core.entity_tags import etag
from app.core.errors import Conflict, Stale
from app.core.idempotency import CHANGES_NOTHING, repeatable
from app.core.paging import CursorBook
from app.core.seen import PATTERN, STALE, Marks
from app.core.text import Line
from app.core.web import api
from app.datasets import policy, queries
from app.datasets.api import Publisher, Reader
from app.datasets.contamination import left_out as benchmarks
from app.datasets.contamination.left_out import overlap_limit
from app.datasets.registry import kind_of
from app.datasets.rule.changes import change_rule, list_rules
from app.datasets.rule.preview import page_of_left_out, preview
from app.datasets.rule.rules import Rule, checked_rule, in_words
from app.datasets.rule.schemas import (
    ExplanationOut,
    LeftOutList,
    LeftOutOne,
    NewRule,
    PreviewOut,
    RuleList,
    RuleOut,
    preview_out,
    rule_out,
)
from app.projects.queries import get_project_for

router = api("datasets")
Seen = Annotated[
    Marks,
    Header(
        alias="If-Match",
        description="The ETag of the rule that you saw, its number in quotes, or several; * where it does not matter.",
        json_schema_extra={"pattern": PATTERN},
    ),
]


@router.get("/datasets/{dataset_id:id}/rules", name="api.datasets.rules")
def rules(session: DB, actor: Reader, settings: AppSettings, dataset_id: int, cursor: str | None = None) -> RuleList:
    """The rules that a dataset has and had, the newest first, 20 at a time."""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    book = CursorBook(settings.signing_keys, "api.rules", actor.user_id, dataset.id)
    page = book.page(list_rules(session, dataset.id, before=book.read(cursor)), position=lambda one: one.number)
    return RuleList(
        rules=[rule_out(one, kind_of(dataset).in_words(one.rule)) for one in page.rows], next_cursor=page.next_cursor
    )


@router.put("/datasets/{dataset_id:id}/rule", name="api.datasets.change_rule", responses={**STALE})
def change(
    session: DB, actor: Publisher, dataset_id: int, body: NewRule, response: Response, if_match: Seen
) -> RuleOut:
    """Give a dataset another rule, which makes its next version. 412 where somebody has changed it since you looked."""
    queries.get_responses_for(session, actor, dataset_id)
    try:
        made = change_rule(session, actor, dataset_id, rule=body.rule.model_dump(), based_on=if_match, note=body.note)
    except Conflict as late:
        raise Stale(late.code, late.sentence, **late.extra) from None
    response.headers.update(etag(made.number))
    return rule_out(made, in_words(checked_rule(made.rule)))


@router.post("/projects/{project_id:id}/datasets/preview", name="api.datasets.try_rule")
@repeatable(CHANGES_NOTHING)
def try_rule(session: DB, actor: Reader, project_id: int, body: Rule) -> PreviewOut:
    """What a version by this rule would hold now. Nothing is stored."""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project.id).require()
    return preview_out(body, preview(session, project.id, body))


@router.get("/datasets/{dataset_id:id}/preview", name="api.datasets.preview")
def preview_now(session: DB, actor: Reader, dataset_id: int) -> PreviewOut:
    """What the next version of a dataset would hold now."""
    dataset = queries.get_responses_for(session, actor, dataset_id)
    rule = checked_rule(dataset.rule)
    return preview_out(rule, preview(session, dataset.project_id, rule), overlap_limit(session, dataset))


@router.get("/datasets/{dataset_id:id}/left-out", name="api.datasets.left_out")
def left_out(
    session: DB,
    actor: Reader,
    settings: AppSettings,
    dataset_id: int,
    reason: Line = "",
    cursor: str | None = None,
) -> LeftOutList:
    """The approved responses that a dataset's rule leaves out, 20 at a time; `reason`: a condition's name."""
    dataset = queries.get_responses_for(session, actor, dataset_id)
    page = page_of_left_out(session, actor, settings.signing_keys, dataset, reason=reason, cursor=cursor)
    listed = [LeftOutOne.model_validate(one) for one in page.rows]
    return LeftOutList(left_out=listed, next_cursor=page.next_cursor)


@router.get("/datasets/{dataset_id:id}/submissions/{submission_id:id}", name="api.datasets.why")
def why(request: Request, session: DB, actor: Reader, dataset_id: int, submission_id: int) -> ExplanationOut:
    """Why a submission is in or out: each condition of the dataset's rule with what it found. Where the dataset leaves
    out what repeats a benchmark, the last answer says what the newest version found of it."""
    dataset = queries.get_responses_for(session, actor, dataset_id)
    found = benchmarks.why(session, request.app.state.storage, actor, dataset, submission_id)
    return ExplanationOut.model_validate(found)
