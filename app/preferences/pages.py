"""What do people prefer? The page of figures, and the form of another comparison set."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Form, Query, Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Conflict, Invalid, NotFound, Place, Verdict
from app.core.paging import CursorBook
from app.core.problems import pointer, sentence_of
from app.core.web import pages, render, see_other
from app.preferences import answers_pages, compare_pages, queries
from app.preferences.habits import habits_of
from app.preferences.lines import ImportedPair, read_pairs
from app.preferences.making.models import Making
from app.preferences.making.sets import Wish, close_set, make_set
from app.preferences.models import ComparisonSet, Generation, GenerationState
from app.preferences.policy import can_make, can_see_figures
from app.preferences.ranking.queue import count_rankings
from app.preferences.said import Told, Waits, in_words, told, waits_for
from app.preferences.schemas import Id, PressedForm, SetForm
from app.preferences.telling import UNTIL, YOURS, figures_for, judging_in
from app.preferences.versions import pages as version_pages
from app.preferences.versions.kind import know_preferences
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.prompts.file_kinds import AS_LINES
from app.prompts.upload import Upload, read_form
from app.review.desk.answers import Refusal, refusal_of
from app.training.methods import METHODS, Method
from app.training.models import Run
from app.training.queries import preference_runs, runs_with_reports

know_preferences()
router = pages()


@dataclass(frozen=True)
class IndexPage:
    """One set of a project with its figures, and a page of all; while nothing is judged, or who looks still judges in
    it, `told` is None and `waits` says why. `counts`: by set, how many of its pairs, or rankings, are in each state;
    not told of those that are `hidden`, for a count that stands still tells a judge of a check.

    `work`: what the shown set waits for, its making or the answers of models; `works`: by set, of any. `runs`: what has
    learned from them; `habits`: who nearly always chose the same side, for administrators.
    """

    project: Project
    sets: Sequence[ComparisonSet]
    first: str | None
    older: str | None
    shown: ComparisonSet | None
    told: Told | None
    habits: Sequence[str]
    waits: Waits | None
    counts: Mapping[int, Mapping[str, int]]
    hidden: Collection[int]
    work: Making | Generation | None
    works: Mapping[int, Making | Generation]
    runs: Sequence[Run]
    methods: Mapping[str, Method]
    can_make: Verdict


@router.get("/projects/{project_id:id}/preferences", name="preferences.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    set_id: Annotated[Id | None, Query()] = None,
    cursor: str | None = None,
) -> Response:
    """The figures of the newest set that could be made, or of the one that is asked for."""
    project = get_project_for(session, actor, project_id)
    can_see_figures(actor, project.id).require()
    book = CursorBook(settings.signing_keys, "sets", actor.user_id, project.id)
    rows = book.page(
        queries.list_sets(session, actor, project.id, before=book.read(cursor)), position=lambda one: one.id
    )
    listed = rows.rows
    wanted = queries.get_set_for(session, actor, set_id) if set_id else None
    if wanted is not None and wanted.project_id != project.id:
        raise NotFound("preferences.no_set", "There is no such comparison set.")
    both = [*listed, *([wanted] if wanted and wanted not in listed else [])]
    works = queries.works_of(session, [one.id for one in both])
    made = [one for one in listed if not could_not_be_made(works.get(one.id))]
    shown = wanted or next(iter(made or listed), None)
    here = str(request.app.url_path_for("preferences.index", project_id=project.id))
    figures, withheld = figures_for(session, actor, shown) if shown else (None, "")
    habits = habits_of(session, actor, shown, figures) if shown else []
    work = works.get(shown.id) if shown else None
    page = IndexPage(
        project=project,
        sets=listed,
        first=here if cursor else None,
        older=f"{here}?cursor={rows.next_cursor}" if rows.next_cursor else None,
        shown=shown,
        told=told(figures) if figures else None,
        habits=in_words(figures, habits) if figures else [],
        waits=(Waits(YOURS, UNTIL) if withheld else waits_for(work)) if shown else None,
        counts=how_far(session, both),
        hidden=judging_in(session, actor, project.id, [one.id for one in both]),
        work=work,
        works=works,
        runs=preference_runs(session, actor, project.id),
        methods=METHODS,
        can_make=can_make(actor, project.id),
    )
    return render(request, page)


def could_not_be_made(work: Making | Generation | None) -> bool:
    """Whether a set holds nothing and never will; models can be asked again."""
    return work is not None and not work.asks_models and work.state is GenerationState.FAILED


def how_far(session: Session, sets: Sequence[ComparisonSet]) -> dict[int, dict[str, int]]:
    """By set, how many of its pairs, or rankings where these are judged, are in each state."""
    pairs = queries.count_pairs(session, [one.id for one in sets if not one.ranks])
    rankings = count_rankings(session, [one.id for one in sets if one.ranks])
    return {
        set_id: {state.value: many for state, many in states.items()}
        for found in (pairs, rankings)
        for set_id, states in found.items()
    }


FIELDS = {"/pairs": "/file", "/run_ids": "/run_id"}  # of the form, by their names in the API
FRESH = {
    "name": "", "people": "", "run_id": "0", "measures": "", "ranks": "0", "opinions": "1", "strength": "on",
    "check_every": "10",
}  # fmt: skip


@dataclass(frozen=True)
class NewPage:
    """The form of a comparison set as it was filled in; `runs`: id and name of those that have a report."""

    project: Project
    runs: Sequence[tuple[int, str]]
    form: Mapping[str, str]
    refusal: Refusal | None


@router.get("/projects/{project_id:id}/preferences/new", name="preferences.new")
def new(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """What is to be compared?"""
    return render(request, new_page(session, actor, project_id, FRESH))


def new_page(
    session: Session, actor: Actor, project_id: int, form: Mapping[str, str], refusal: Refusal | None = None
) -> NewPage:
    """The form for who may make sets. A box that is not ticked is not sent, so what lacks one has it empty."""
    project = get_project_for(session, actor, project_id)
    can_make(actor, project.id).require()
    runs = runs_with_reports(session, actor, project.id)
    named = [(run.id, f"run {run.number}, on {run.base_model}") for run in runs]
    filled = {**FRESH, "strength": "", **form}
    return NewPage(project, named, filled, refusal)


async def sent_form(request: Request) -> AsyncIterator[Upload]:
    """The form with its file, before any connection is held."""
    async with read_form(request, ("file", *SetForm.model_fields), AS_LINES) as upload:
        yield upload


@router.post("/projects/{project_id:id}/preferences/import", name="preferences.make")
def make(
    request: Request,
    session: DB,
    actor: CurrentActor,
    upload: Annotated[Upload, Depends(sent_form, scope="function")],
    project_id: int,
) -> Response:
    """Let the set be made; what is refused leaves the form filled, but for the file, which a browser forgets."""
    try:
        with session.begin_nested():
            make_as_said(session, actor, project_id, upload)
    except (Invalid, Conflict) as error:
        if error.code == "accounts.another_person":
            raise
        error.places = [replace(one, pointer=FIELDS.get(one.pointer, one.pointer)) for one in error.places]
        page = new_page(session, actor, project_id, upload.fields, refusal_of(request, error))
        return render(request, page, template="preferences/new.html", status=error.status)
    return see_other(request, "preferences.index", project_id=project_id)


def make_as_said(session: Session, actor: Actor, project_id: int, upload: Upload) -> None:
    """Make the set that a form says. Invalid for a field that is none, and for a file with a wrong line."""
    try:
        form = SetForm.model_validate(upload.fields)
    except ValidationError as wrong:
        places = [Place(pointer(tuple(one["loc"])), sentence_of(dict(one))) for one in wrong.errors()]
        raise Invalid("preferences.bad_set", "This set was not accepted; nothing was stored.", *places) from None
    same_person(actor, form.user_id)
    wish = Wish(
        name=form.name,
        ranks=int(form.ranks),
        opinions=form.opinions,
        asks_strength=bool(form.strength),
        check_every=form.check_every,
        people=bool(form.people),
        pairs=pairs_in(upload),
        run_ids=[form.run_id] if form.run_id else [],
        measures_only=bool(form.measures),
    )
    make_set(session, actor, project_id, wish)


def pairs_in(upload: Upload) -> list[ImportedPair]:
    """The pairs of the file that was chosen; none where no file was: a browser then sends an empty one."""
    return read_pairs(upload.file) if upload.name else []


@router.post("/comparison-sets/{set_id:id}/close", name="preferences.close")
def close(
    request: Request, session: DB, actor: CurrentActor, set_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Let nothing of a set be judged any more."""
    same_person(actor, form.user_id)
    closed = close_set(session, actor, set_id)
    return see_other(request, "preferences.index", say="The set is closed.", project_id=closed.project_id)


router.routes += [*compare_pages.router.routes, *answers_pages.router.routes, *version_pages.router.routes]
