"""The browser's door to rules: that of a new dataset, another one for a dataset, and what each would take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.diff import Segment, diff
from app.core.errors import Conflict, DomainError, Invalid, Place, Verdict
from app.core.paging import CursorBook
from app.core.web import pages, render, see_other
from app.datasets import policy, queries, service
from app.datasets.contamination.left_out import overlap_limit
from app.datasets.models import Dataset, RuleRevision
from app.datasets.publish.gather import rating_keys
from app.datasets.rule.changes import change_rule, list_rules
from app.datasets.rule.forms import ChangeRuleDraft, ChangeRuleForm, NewDatasetDraft, NewDatasetForm, RuleForm, written
from app.datasets.rule.preview import Preview, is_quick, preview
from app.datasets.rule.rules import checked_rule, in_words
from app.datasets.rule.words import LABELS
from app.projects.models import Project
from app.projects.queries import get_project_for, list_categories

router = pages()


@dataclass(frozen=True)
class Known:
    """What may be written into the form: the project's categories and the criteria of its rubrics."""

    categories: Sequence[str]
    criteria: Sequence[str]
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)


@dataclass(frozen=True)
class Tried:
    """What a form asks for: in words and counted, or what is wrong with it."""

    words: str = ""
    would_hold: Preview | None = None
    wrong: Sequence[Place] = ()


@dataclass(frozen=True)
class NewPage:
    """The form of a new dataset, and what its rule would take."""

    project: Project
    name: str
    form: Mapping[str, str]
    known: Known
    tried: Tried
    refused: DomainError | None


@dataclass(frozen=True)
class RulePage:
    """A dataset's rule in a form, what the form would take and change, and the rules before."""

    project: Project
    dataset: Dataset
    form: Mapping[str, str]
    known: Known
    tried: Tried
    overlap: int | None
    rule: str
    changes: Sequence[Segment]
    based_on: int
    note: str
    refused: DomainError | None
    history: Sequence[tuple[RuleRevision, str]]
    older: str | None
    can_publish: Verdict


@router.get("/projects/{project_id:id}/datasets/new", name="datasets.new")
def new(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NewDatasetDraft, Query()]
) -> Response:
    """What shall it hold?"""
    return render(request, new_page(session, actor, project_id, form))


def new_page(
    session: Session, actor: Actor, project_id: int, form: NewDatasetDraft, refused: DomainError | None = None
) -> NewPage:
    """The page with what was written, and why it was not taken."""
    project = get_project_for(session, actor, project_id)
    policy.can_publish(actor, project.id).require()
    then = tried(session, project_id, form, wait=bool(form.model_fields_set))
    return NewPage(project, form.name, form.fields(), known_to(session, project_id), then, refused)


@router.post("/projects/{project_id:id}/datasets", name="datasets.create")
def create(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NewDatasetForm, Form()]
) -> Response:
    """Begin a dataset and show it, or say what is wrong, with all that was written still in the form."""
    try:
        dataset = service.create_dataset(session, actor, project_id, name=form.name, rule=form.rule())
    except (Invalid, Conflict) as refused:
        draft = NewDatasetDraft.model_validate(form.model_dump())
        page = new_page(session, actor, project_id, draft, refused=refused)
        return render(request, page, template="datasets/new.html", status=refused.status)
    return see_other(request, "datasets.show", dataset_id=dataset.id)


@router.get("/datasets/{dataset_id:id}/rule", name="datasets.rule")
def rule(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    dataset_id: int,
    form: Annotated[ChangeRuleDraft, Query()],
) -> Response:
    """What does it take, and what would it take if the rule were another?"""
    dataset = queries.get_responses_for(session, actor, dataset_id)
    return render(request, rule_page(session, actor, settings.signing_keys, dataset, form))


@router.post("/datasets/{dataset_id:id}/rule", name="datasets.rule")
def change(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    dataset_id: int,
    form: Annotated[ChangeRuleForm, Form()],
) -> Response:
    """Give the dataset this rule, or say why not, with all that was written still in the form."""
    queries.get_responses_for(session, actor, dataset_id)
    try:
        change_rule(session, actor, dataset_id, rule=form.rule(), based_on=form.based_on, note=form.note)
    except (Invalid, Conflict) as refused:
        dataset = queries.get_responses_for(session, actor, dataset_id)
        session.refresh(dataset)
        draft = ChangeRuleDraft.model_validate(form.model_dump())
        page = rule_page(session, actor, settings.signing_keys, dataset, draft, refused)
        return render(request, page, status=refused.status)
    return see_other(request, "datasets.show", dataset_id=dataset_id)


def rule_page(
    session: Session,
    actor: Actor,
    keys: list[bytes],
    dataset: Dataset,
    draft: ChangeRuleDraft,
    refused: DomainError | None = None,
) -> RulePage:
    """The page with what was written; with the dataset's own rule where nothing was."""
    book = CursorBook(keys, "rules", actor.user_id, dataset.id)
    page = book.page(list_rules(session, dataset.id, before=book.read(draft.cursor)), position=lambda one: one.number)
    own = checked_rule(dataset.rule)
    written_now = bool(draft.model_fields_set - {"cursor"})
    asked = draft if written_now else ChangeRuleDraft.model_validate(written(own))
    now, then = in_words(own), tried(session, dataset.project_id, asked, wait=written_now)
    return RulePage(
        project=get_project_for(session, actor, dataset.project_id),
        dataset=dataset,
        form=asked.fields(),
        known=known_to(session, dataset.project_id),
        tried=then,
        overlap=overlap_limit(session, dataset),
        rule=now,
        changes=diff(now, then.words) if then.words not in ("", now) else [],
        based_on=dataset.rule_number if draft.based_on is None else draft.based_on,
        note=draft.note,
        refused=refused,
        history=[(one, in_words(checked_rule(one.rule))) for one in page.rows],
        older=f"?cursor={page.next_cursor}#rules" if page.next_cursor else None,
        can_publish=policy.can_publish(actor, dataset.project_id),
    )


def tried(session: Session, project_id: int, form: RuleForm, *, wait: bool) -> Tried:
    """What this form asks for, or each place of it that is no condition; counted if that is quick, or if `wait`."""
    try:
        rule = checked_rule(form.rule())
    except Invalid as refused:
        return Tried(wrong=refused.places)
    now = wait or is_quick(session, project_id)
    return Tried(in_words(rule), preview(session, project_id, rule) if now else None)


def known_to(session: Session, project_id: int) -> Known:
    """What a rule of this project can speak of."""
    return Known([one.name for one in list_categories(session, project_id)], rating_keys(session, project_id))
