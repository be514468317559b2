"""The browser's door to the playground: one question, base and tuned side by side."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.projects.models import HintName, Project
from app.projects.queries import get_project_for
from app.training import policy, queries
from app.training.base_models import BaseModel, facts
from app.training.eligible import done_of
from app.training.models import Run
from app.training.playground.answering import BothSaid, Said, WholePage
from app.training.playground.asked import MOST_SEED, MOST_TOKENS, Question, Turn
from app.training.playground.folders import pair_of, require_model, why_not
from app.training.schemas import AskForm
from app.writing.hints import about_to_propose, hints

router = pages()
LONGEST_LINK = 12_000  # of an address of 16 KiB
USUAL = Question("", (), temperature=0.7, max_tokens=300, seed=17)


@dataclass(frozen=True)
class ShownTurn:
    """One turn of both conversations. `propose`: the address that makes a prompt of it, empty where it is too long.

    `known`: what is said where the project asks nearly the same already.
    """

    prompt: str
    base: Said
    tuned: Said
    propose: str
    known: str = ""


@dataclass(frozen=True)
class PlaygroundPage:
    """The playground. `missing`: why nobody can answer at all; `reason`: why the chosen run's models cannot."""

    project: Project
    runs: Sequence[Run]
    chosen: Run | None
    base: BaseModel | None
    missing: str
    reason: str
    outside: bool
    turns: Sequence[ShownTurn]
    earlier: str
    question: Question
    most_tokens: int = MOST_TOKENS
    most_seed: int = MOST_SEED
    longest_link: int = LONGEST_LINK


@router.get("/projects/{project_id:id}/playground", name="training.playground")
def playground(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    run: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
) -> Response:
    """How does it answer now? `run`: whose tuned model; the newest without."""
    project = get_project_for(session, actor, project_id)
    policy.can_ask(actor, project_id).require()
    runs = done_of(session, actor, project_id, speaks=True)
    chosen = queries.get_runs_for(session, actor, project_id, [run])[0] if run else next(iter(runs), None)
    return render(request, page_of(request, session, project, runs, chosen, USUAL, []))


@router.post("/projects/{project_id:id}/playground", name="training.ask")
def ask(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    form: Annotated[AskForm, Form()],
) -> Response:
    """Ask both, and draw the page when they have answered: what a script does line by line, without one."""
    get_project_for(session, actor, project_id)
    policy.can_ask(actor, project_id).require()
    run, storage = queries.get_runs_for(session, actor, project_id, [form.run])[0], request.app.state.storage
    require_model(session, storage, run)
    question = form.question()

    def draw(both: BothSaid) -> Response:
        return answered(request, request.state.session, actor, project_id, run.id, question, both)

    pair = pair_of(storage, run, settings)
    return WholePage(request.app.state.playground, actor.user_id, pair, question, request, draw)


def answered(
    request: Request, session: Session, actor: Actor, project_id: int, run_id: int, question: Question, both: BothSaid
) -> Response:
    """The page with the new turn, read anew: a while has passed."""
    project = get_project_for(session, actor, project_id)
    chosen = queries.get_runs_for(session, actor, project_id, [run_id])[0]
    runs = done_of(session, actor, project_id, speaks=True)
    shown = [*(ended_turn(project_id, turn) for turn in question.earlier)]
    written = about_to_propose(project, question.prompt, category_id=None, language=None)
    known = " ".join(one.sentence for one in hints(session, actor, written, only=[HintName.NEAR]))
    shown += [ShownTurn(question.prompt, both.base, both.tuned, propose_address(project_id, question.prompt), known)]
    page = page_of(request, session, project, runs, chosen, question, shown)
    return render(request, page, template="training/playground.html")


def page_of(
    request: Request,
    session: Session,
    project: Project,
    runs: Sequence[Run],
    chosen: Run | None,
    question: Question,
    turns: Sequence[ShownTurn],
) -> PlaygroundPage:
    """The page of a project for a chosen run, with the conversation so far."""
    state = request.app.state
    had = [Turn(turn.prompt, turn.base.text, turn.tuned.text) for turn in turns]
    return PlaygroundPage(
        project=project,
        runs=runs,
        chosen=chosen,
        base=facts(chosen.base_model) if chosen else None,
        missing=state.playground.way.missing,
        reason=why_not(session, state.storage, chosen) if chosen else "",
        outside=state.playground.outside,
        turns=turns,
        earlier=json.dumps([asdict(turn) for turn in had]),
        question=question,
    )


def ended_turn(project_id: int, turn: Turn) -> ShownTurn:
    """A turn of which only the words are known."""
    address = propose_address(project_id, turn.prompt)
    return ShownTurn(turn.prompt, Said(turn.base, ended=True), Said(turn.tuned, ended=True), address)


def propose_address(project_id: int, prompt: str) -> str:
    """The form of a new prompt with this text in it; empty where no address is long enough."""
    text = quote(prompt, safe="")
    return f"/projects/{project_id}/prompts/propose?prompt={text}" if len(text) <= LONGEST_LINK else ""
