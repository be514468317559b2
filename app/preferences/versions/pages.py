"""The browser's door to datasets of preferences: a new one, and the rule of one that there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Conflict, DomainError, Invalid, Place, Verdict
from app.core.text import FormText, Line, Name, WholeNumber
from app.core.web import FormIn, pages, render, see_other
from app.datasets import policy, service
from app.datasets.models import Dataset, DatasetKind, Split
from app.datasets.rule.changes import change_rule
from app.datasets.rule.forms import lines, number
from app.datasets.rule.preview import Preview
from app.preferences.versions.preview import preview, too_few
from app.preferences.versions.queries import get_preferences_for, names_of_sets
from app.preferences.versions.rule import PreferenceRule, checked_rule, in_words
from app.projects.models import Project
from app.projects.queries import get_project_for

router = pages()
LABELS: Mapping[str, str] = {
    "sets": "Only these comparison sets",
    "languages": "Only these languages",
    "min_opinions": "Judged by so many people at least",
    "min_agreement": "At least so many percent of them agree",
    "min_strength": "By how much better",
    "people": "Whose opinions",
}


class PairRuleDraft(FormIn):
    """A rule about pairs as a form writes it, before it is sent: every field is text, empty asks for nothing."""

    name: FormText = ""
    sets: FormText = ""
    languages: FormText = ""
    min_opinions: FormText = "1"
    min_agreement: FormText = ""
    min_strength: FormText = "any"
    people: FormText = "all"

    def rule(self) -> dict[str, Any]:
        """The rule as JSON would say it; what is no number stays as it is and is refused by name."""
        return {
            "sets": lines(self.sets),
            "languages": lines(self.languages),
            "min_opinions": number(self.min_opinions, int) or 1,
            "min_agreement": number(self.min_agreement, int),
            "min_strength": self.min_strength,
            "people": self.people,
        }

    def fields(self) -> dict[str, str]:
        """What stands in the fields."""
        return {key: getattr(self, key) for key in PairRuleDraft.model_fields}


class NewPairsForm(PairRuleDraft):
    """A dataset to begin."""

    name: Name


class PairRuleForm(PairRuleDraft):
    """Another rule: `based_on` is the number of the rule that was seen, `note` says why it changes."""

    based_on: WholeNumber
    note: Line = ""


class ChangePairsDraft(PairRuleDraft):
    """Another rule before it is sent."""

    based_on: WholeNumber | None = None
    note: Line = ""


@dataclass(frozen=True)
class RulePage:
    """The form of a rule about pairs, of a new dataset or of one that there is, and what it would take."""

    project: Project
    dataset: Dataset | None
    form: Mapping[str, str]
    note: str
    sets: Sequence[str]
    labels: Mapping[str, str]
    words: str
    would_hold: Preview | None
    too_few: str
    wrong: Sequence[Place]
    refused: DomainError | None
    based_on: int
    can_publish: Verdict


@router.get("/projects/{project_id:id}/preferences/datasets/new", name="preferences.new_dataset")
def new(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    form: Annotated[PairRuleDraft, Query()],
) -> Response:
    """Which pairs shall it hold?"""
    project = get_project_for(session, actor, project_id)
    policy.can_publish(actor, project.id).require()
    return render(request, rule_page(session, actor, project, None, form, settings.undo_seconds))


@router.post("/projects/{project_id:id}/preferences/datasets", name="preferences.create_dataset")
def create(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    form: Annotated[NewPairsForm, Form()],
) -> Response:
    """Begin a dataset of preferences and show it, or say what is wrong, with all that was written still there."""
    kind = DatasetKind.PREFERENCES
    try:
        made = service.create_dataset(session, actor, project_id, name=form.name, rule=form.rule(), kind=kind)
    except (Invalid, Conflict) as refused:
        project = get_project_for(session, actor, project_id)
        page = rule_page(session, actor, project, None, form, settings.undo_seconds, refused)
        return render(request, page, template="preferences/new_dataset.html", status=refused.status)
    return see_other(request, "datasets.show", dataset_id=made.id)


@router.get("/datasets/{preferences_id:id}/preference-rule", name="preferences.rule")
def rule(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    preferences_id: int,
    form: Annotated[ChangePairsDraft, Query()],
) -> Response:
    """Which pairs does it take, and which would it take if the rule were another?"""
    dataset = get_preferences_for(session, actor, preferences_id)
    asked: PairRuleDraft = form if form.model_fields_set else written(checked_rule(dataset.rule))
    project = get_project_for(session, actor, dataset.project_id)
    return render(request, rule_page(session, actor, project, dataset, asked, settings.undo_seconds))


@router.post("/datasets/{preferences_id:id}/preference-rule", name="preferences.rule")
def change(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    preferences_id: int,
    form: Annotated[PairRuleForm, Form()],
) -> Response:
    """Give the dataset this rule, or say why not, with all that was written still in the form."""
    get_preferences_for(session, actor, preferences_id)
    try:
        change_rule(session, actor, preferences_id, rule=form.rule(), based_on=form.based_on, note=form.note)
    except (Invalid, Conflict) as refused:
        dataset = get_preferences_for(session, actor, preferences_id)
        session.refresh(dataset)
        project = get_project_for(session, actor, dataset.project_id)
        page = rule_page(session, actor, project, dataset, form, settings.undo_seconds, refused)
        return render(request, page, status=refused.status)
    return see_other(request, "datasets.show", dataset_id=preferences_id)


def rule_page(
    session: Session,
    actor: Actor,
    project: Project,
    dataset: Dataset | None,
    form: PairRuleDraft,
    seconds: int,
    refused: DomainError | None = None,
) -> RulePage:
    """The page with what was written, what it would take, and each place of it that is no condition."""
    wrong: Sequence[Place] = ()
    words, found = "", None
    try:
        wanted = checked_rule(form.rule())
    except Invalid as bad:
        wrong = bad.places
    else:
        words, found = in_words(wanted), preview(session, project.id, wanted, seconds=seconds)
    return RulePage(
        project=project,
        dataset=dataset,
        form=form.fields(),
        note=getattr(form, "note", ""),
        sets=names_of_sets(session, project.id),
        labels=LABELS,
        words=words,
        would_hold=found,
        too_few=too_few(found.splits[Split.TRAIN]) if found else "",
        wrong=wrong,
        refused=refused,
        based_on=seen_by(form, dataset, refused) if dataset else 0,
        can_publish=policy.can_publish(actor, project.id),
    )


def seen_by(form: PairRuleDraft, dataset: Dataset, refused: DomainError | None) -> int:
    """The rule that the form began with; the newest, once its writer was told that there is another."""
    began = getattr(form, "based_on", None)
    return dataset.rule_number if began is None or (refused and refused.status == 409) else began


def written(rule: PreferenceRule) -> PairRuleDraft:
    """The form of a rule: read again, it is the same rule."""
    return PairRuleDraft(
        sets="\n".join(rule.sets),
        languages="\n".join(rule.languages),
        min_opinions=str(rule.min_opinions),
        min_agreement="" if rule.min_agreement is None else str(rule.min_agreement),
        min_strength=rule.min_strength,
        people=rule.people,
    )
