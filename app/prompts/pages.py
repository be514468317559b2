"""The browser's door to prompts: the list, one prompt and the decision on it, the form of a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.diff import Segment, side_by_side
from app.core.errors import Verdict
from app.core.excerpts import beginning
from app.core.invisible import Piece, pieces
from app.core.paging import CursorBook
from app.core.text import Text
from app.core.web import pages, render, see_other
from app.projects.consents import require_consent
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories
from app.prompts import import_pages, policy, queries, question_pages, report_pages, service
from app.prompts.cards import (
    SHOWN_STATES,
    PromptCard,
    TargetCard,
    furthest_behind,
    prompt_card,
    question_of,
    state_of,
    target_cards,
)
from app.prompts.fingerprints import question
from app.prompts.listing import list_prompts
from app.prompts.models import Prompt
from app.prompts.questions import Thread, threads_of
from app.prompts.report_pages import Reported, shown_reports
from app.prompts.reports import REASONS
from app.prompts.schemas import PromptFilter, ProposeForm, RejectForm, TagsForm
from app.prompts.tags import set_tags

router: APIRouter = pages()


@dataclass(frozen=True)
class IndexPage:
    """The prompts of a project behind the filters of the address; `targets` only for who steers."""

    project: Project
    prompts: Sequence[PromptCard]
    waiting: int
    steers: bool
    targets: Sequence[TargetCard]
    behind: TargetCard | None
    states: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    filters: Mapping[str, str]
    first: str | None
    older: str | None
    can_propose: bool
    can_import: bool


@dataclass(frozen=True)
class ShownTurn:
    """One turn; `pieces` where what cannot be seen is marked, for who decides."""

    role: str
    content: str
    pieces: Sequence[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class AlikeCard:
    """Another prompt that asks nearly the same, how much of it is alike, and both beside each other, word by word."""

    prompt_id: int
    question: str
    language: str
    state: str
    percent: int
    theirs: Sequence[Segment]
    ours: Sequence[Segment]


@dataclass(frozen=True)
class ShowPage:
    """One prompt, and the decision on it."""

    project: Project
    user_id: int
    prompt: Prompt
    turns: Sequence[ShownTurn]
    answer: Sequence[ShownTurn]
    state_word: str
    can_decide: Verdict
    can_tag: Verdict
    steers: bool
    slots: tuple[int, int] | None
    sees_alike: bool
    alike: Sequence[AlikeCard]
    next_id: int | None
    reports: Sequence[Reported]
    can_report: Verdict
    report_reasons: Sequence[tuple[str, str]]
    threads: Sequence[Thread]


@dataclass(frozen=True)
class ProposePage:
    """The form of a prompt, with a text in it that somebody asked elsewhere."""

    project: Project
    user_id: int
    categories: Sequence[tuple[str, str]]
    prompt: str


@router.get("/projects/{project_id:id}/prompts", name="prompts.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    only: Annotated[PromptFilter, Query()],
) -> Response:
    """What do we ask?"""
    project = get_project_for(session, actor, project_id)
    steers = bool(policy.can_steer(actor, project_id))
    book = CursorBook(settings.signing_keys, "prompts", actor.user_id, [project_id, only.chosen()])
    before = book.read(only.cursor)
    page = book.page(
        list_prompts(session, actor, project_id, only, before=before),
        position=lambda prompt: prompt.id,
    )
    slots = queries.slots_of(session, page.rows) if steers else {}
    categories = list_categories(session, project_id)
    targets = target_cards(categories, queries.filled_by_category(session, categories)) if steers else []
    chosen = only.chosen()
    drawn = IndexPage(
        project=project,
        prompts=[prompt_card(prompt, slots) for prompt in page.rows],
        waiting=queries.count_waiting(session, actor, project_id) if steers else 0,
        steers=steers,
        targets=targets,
        behind=furthest_behind(targets),
        states=SHOWN_STATES,
        categories=_choices(categories, "Any category"),
        filters=chosen,
        first=_address(request, chosen) if before is not None else None,
        older=_address(request, chosen | {"cursor": page.next_cursor}) if page.next_cursor else None,
        can_propose=bool(policy.can_propose(actor, project)),
        can_import=bool(policy.can_import(actor, project)),
    )
    return render(request, drawn)


@router.get("/projects/{project_id:id}/prompts/propose", name="prompts.propose")
def propose(
    request: Request, session: DB, actor: CurrentActor, project_id: int, prompt: Annotated[Text, Query()] = ""
) -> Response:
    """What should the model be asked? `prompt`: what stands in the form already."""
    project = get_project_for(session, actor, project_id)
    policy.can_propose(actor, project).require()
    require_consent(session, actor, project)
    categories = _choices(list_categories(session, project_id), "None")
    return render(request, ProposePage(project, actor.user_id, categories, prompt))


@router.post("/projects/{project_id:id}/prompts/propose", name="prompts.propose")
def create(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[ProposeForm, Form()]
) -> Response:
    """Propose the prompt."""
    same_person(actor, form.user_id)
    details: dict[str, Any] = form.model_dump(include={"category_id", "language", "licence", "source", "tags"})
    prompt = service.propose(session, actor, project_id, messages=form.asked(), **details)
    return see_other(request, "prompts.show", prompt_id=prompt.id)


@router.get("/prompts/{prompt_id:id}", name="prompts.show")
def show(request: Request, session: DB, actor: CurrentActor, prompt_id: int) -> Response:
    """What is asked here, and is it asked well?"""
    return render(request, _shown(session, actor, prompt_id))


@router.post("/prompts/{prompt_id:id}/approve", name="prompts.approve")
def approve(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Open a proposed prompt to writers."""
    same_person(actor, form.user_id)
    service.approve(session, actor, prompt_id)
    return see_other(request, "prompts.show", prompt_id=prompt_id)


@router.post("/prompts/{prompt_id:id}/reject", name="prompts.reject")
def reject(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[RejectForm, Form()]
) -> Response:
    """Turn a proposed prompt down."""
    same_person(actor, form.user_id)
    service.reject(session, actor, prompt_id, reason=form.reason)
    return see_other(request, "prompts.show", prompt_id=prompt_id)


@router.post("/prompts/{prompt_id:id}/tags", name="prompts.tag")
def tag(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[TagsForm, Form()]
) -> Response:
    """Give the prompt these tags."""
    same_person(actor, form.user_id)
    set_tags(session, actor, prompt_id, form.tags)
    return see_other(request, "prompts.show", prompt_id=prompt_id)


def _shown(session: Session, actor: Actor, prompt_id: int) -> ShowPage:
    prompt = queries.get_prompt_for(session, actor, prompt_id)
    steers = bool(policy.can_steer(actor, prompt.project_id))
    project = get_project_for(session, actor, prompt.project_id)
    return ShowPage(
        project=project,
        user_id=actor.user_id,
        prompt=prompt,
        turns=_turns(prompt.messages, marked=steers),
        answer=_turns(prompt.imported_response or [], marked=steers) if steers else [],
        state_word=state_of(prompt),
        can_decide=policy.can_decide(actor, prompt),
        can_tag=policy.can_tag(actor, prompt),
        steers=steers,
        slots=queries.slots_of(session, [prompt]).get(prompt.id) if steers else None,
        sees_alike=steers or prompt.author_id == actor.user_id,
        alike=_alike(session, actor, prompt) if steers or prompt.author_id == actor.user_id else [],
        next_id=queries.next_proposed(session, actor, prompt.project_id) if steers else None,
        reports=shown_reports(session, actor, prompt),
        can_report=policy.can_report(actor, prompt),
        report_reasons=list(REASONS.items()),
        threads=threads_of(session, actor, project, prompt.id),
    )


def _alike(session: Session, actor: Actor, prompt: Prompt) -> list[AlikeCard]:
    own = question(prompt.messages)
    return [
        AlikeCard(
            one.id,
            beginning(question_of(one)),
            one.language,
            state_of(one),
            percent,
            *side_by_side(question(one.messages), own),
        )
        for one, percent in queries.list_like(session, actor, prompt)
    ]


def _turns(messages: Sequence[dict[str, Any]], *, marked: bool) -> list[ShownTurn]:
    return [ShownTurn(turn["role"], turn["content"], pieces(turn["content"]) if marked else []) for turn in messages]


def _choices(categories: Sequence[Category], none: str) -> list[tuple[str, str]]:
    return [("", none), *((str(one.id), one.name) for one in categories)]


def _address(request: Request, query: Mapping[str, str]) -> str:
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


router.routes += import_pages.router.routes
router.routes += report_pages.router.routes
router.routes += question_pages.router.routes
