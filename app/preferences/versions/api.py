"""The JSON door to datasets of preferences: their rule, tried and kept. They are published as any other dataset is."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, with_scope
from app.core.database import DB
from app.core.entity_tags import etag
from app.core.errors import Conflict, Stale
from app.core.idempotency import CHANGES_NOTHING, repeatable
from app.core.seen import STALE
from app.core.text import Line, Name
from app.core.web import In, api
from app.datasets import policy, service
from app.datasets.contamination.left_out import overlap_limit
from app.datasets.models import DatasetKind
from app.datasets.rule.api import Seen
from app.datasets.rule.changes import change_rule
from app.datasets.rule.schemas import PreviewOut, RuleOut, StepOut, rule_out
from app.datasets.schemas import DatasetOut
from app.preferences.versions.preview import preview
from app.preferences.versions.queries import get_preferences_for
from app.preferences.versions.rule import PreferenceRule, checked_rule, in_words
from app.projects.queries import get_project_for

router = api("preferences")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]
Publisher = Annotated[Actor, Depends(with_scope("datasets:publish"), scope="function")]


class NewPreferenceDataset(In):
    """A dataset of preferences to begin."""

    name: Name
    rule: PreferenceRule = PreferenceRule()


class NewPreferenceRule(In):
    """Another rule for a dataset of preferences, and why."""

    rule: PreferenceRule
    note: Line = ""


@router.post(
    "/projects/{project_id:id}/preference-datasets",
    name="api.preferences.create_dataset",
    status_code=201,
    response_model=DatasetOut,
)
def create(session: DB, actor: Publisher, project_id: int, body: NewPreferenceDataset) -> DatasetOut:
    """Give a rule about pairs a name. What becomes of it, its versions and files, is as for any other dataset."""
    made = service.create_dataset(
        session, actor, project_id, name=body.name, rule=body.rule.model_dump(), kind=DatasetKind.PREFERENCES
    )
    session.refresh(made)
    return DatasetOut.model_validate(made)


@router.put("/datasets/{preferences_id:id}/preference-rule", name="api.preferences.change_rule", responses={**STALE})
def change(
    session: DB, actor: Publisher, preferences_id: int, body: NewPreferenceRule, response: Response, if_match: Seen
) -> RuleOut:
    """Give a dataset of preferences another rule. 412 where somebody has changed it since you looked."""
    get_preferences_for(session, actor, preferences_id)
    try:
        made = change_rule(
            session, actor, preferences_id, rule=body.rule.model_dump(), based_on=if_match, note=body.note
        )
    except Conflict as late:
        raise Stale(late.code, late.sentence, **late.extra) from None
    response.headers.update(etag(made.number))
    return rule_out(made, in_words(checked_rule(made.rule)))


@router.post("/projects/{project_id:id}/preference-datasets/preview", name="api.preferences.try_rule")
@repeatable(CHANGES_NOTHING)
def try_rule(session: DB, actor: Reader, settings: AppSettings, project_id: int, body: PreferenceRule) -> PreviewOut:
    """What a version by this rule would hold now; `approved` counts the pairs that were judged. Nothing is stored."""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project.id).require()
    return counted(session, project.id, body, settings.undo_seconds)


@router.get("/datasets/{preferences_id:id}/preference-preview", name="api.preferences.preview")
def preview_now(session: DB, actor: Reader, settings: AppSettings, preferences_id: int) -> PreviewOut:
    """What the next version of a dataset of preferences would hold now."""
    dataset = get_preferences_for(session, actor, preferences_id)
    limit = overlap_limit(session, dataset)
    return counted(session, dataset.project_id, checked_rule(dataset.rule), settings.undo_seconds, limit)


def counted(
    session: Session, project_id: int, rule: PreferenceRule, seconds: int, overlap_from: int | None = None
) -> PreviewOut:
    """What a rule would take, for a program."""
    found = preview(session, project_id, rule, seconds=seconds)
    return PreviewOut(
        words=in_words(rule),
        approved=found.total,
        rows=found.rows,
        conditions=[StepOut.model_validate(step) for step in found.steps],
        categories=found.categories,
        splits=found.splits,
        overlap_from=overlap_from,
    )
