"""The browser's door to reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.text import Text
from app.core.web import pages, render
from app.evaluation.aims import WhatNext, what_next
from app.evaluation.answers import (
    LONGEST_QUERY,
    Previous,
    SideBySide,
    answered_otherwise,
    how_answered,
    side_by_side,
)
from app.evaluation.answers import found as answers_with
from app.evaluation.answers_file import send_answers
from app.evaluation.beside import Beside
from app.evaluation.helped import HelpedRead, read_helped
from app.evaluation.queries import answers_of, without_judged
from app.evaluation.ranking import RankingRead, doubt_of, read_ranking
from app.evaluation.reading import Reading, read
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import get_project_for, list_categories
from app.training.models import Run, RunStatus
from app.training.queries import get_run_for, policies_beside, report_of
from app.training.worker.report import Report, upgraded

router = pages()
SHOWN = 4  # prompts side by side on the report itself; all have a page of their own
SILENT = "A reward model answers nothing: it says which of two responses people would choose."
Words = Annotated[Text, Query(max_length=LONGEST_QUERY)]


@dataclass(frozen=True)
class ReportPage:
    """What a run learned, and what it only memorised."""

    project: Project
    run: Run
    report: Report
    reading: Reading
    samples: Sequence[SideBySide]
    withheld: str
    answers: int
    next: WhatNext
    may_aim: bool
    beside: Beside | None


@dataclass(frozen=True)
class RankingPage:
    """How well a reward model knows what people prefer."""

    project: Project
    run: Run
    report: Report
    reading: RankingRead


@dataclass(frozen=True)
class HelpedPage:
    """Whether a policy helped, on prompts that no step was trained on; `ranking` where it learned from pairs itself,
    `doubt` where the reward model that it followed is not known to tell more than a coin."""

    project: Project
    run: Run
    report: Report
    reading: HelpedRead
    samples: Sequence[SideBySide]
    withheld: str
    answers: int
    how_answered: str
    doubt: str
    ranking: RankingRead | None
    beside: Beside | None


@dataclass(frozen=True)
class AnswersPage:
    """Answers side by side: `rows` of `count`, those that hold the words `q`."""

    project: Project
    run: Run
    previous: Previous | None
    lead: str
    why_none: str
    rows: Sequence[SideBySide]
    withheld: str
    count: int
    q: str
    longest: int


@dataclass(frozen=True)
class WaitingPage:
    """What will stand there; `waits` while the run may still come to its end by itself."""

    project: Project
    run: Run
    waits: bool


@router.get("/runs/{run_id:id}/report", name="evaluation.report")
def report(request: Request, session: DB, actor: CurrentActor, run_id: int) -> Response:
    """What did it learn, and what did it only memorise?"""
    run = get_run_for(session, actor, run_id)
    project = get_project_for(session, actor, run.project_id)
    found = report_of(session, run.id)
    if found is None:
        waits = run.status in (RunStatus.QUEUED, RunStatus.RUNNING)
        return render(request, WaitingPage(project, run, waits), template="evaluation/waiting.html")
    told = upgraded(found)
    whole, withheld = without_judged(session, run, told)
    if run.method == "reward":
        ranked = RankingPage(project, run, whole, read_ranking(whole))
        return render(request, ranked, template="evaluation/ranking.html")
    shown = side_by_side(run, whole, None)[:SHOWN]
    beside = request.app.state.beside_report(session, actor, run)
    if run.method != "sft":
        siblings = [(other, upgraded(their)) for other, their in policies_beside(session, actor, run)]
        reading = read_helped(told, run, siblings)  # figures stay, and it quotes no answer
        judge = report_of(session, run.reward_run_id) if run.reward_run_id else None
        helped = HelpedPage(
            project=project,
            run=run,
            report=whole,
            reading=reading,
            samples=shown,
            withheld=withheld,
            answers=len(whole["samples"]),
            how_answered=how_answered(run, whole),
            doubt=doubt_of(judge and upgraded(judge), str(run.plan.get("reward_from"))),
            ranking=read_ranking(whole) if whole["ranking"] else None,
            beside=beside,
        )
        return render(request, helped, template="evaluation/helped.html")
    following = what_next(run, whole["kinds"], list_categories(session, project.id))
    page = ReportPage(
        project=project,
        run=run,
        report=whole,
        reading=read(whole),
        samples=shown,
        withheld=withheld,
        answers=len(whole["samples"]),
        next=following,
        may_aim=bool(can_administer(actor, project.id)),
        beside=beside,
    )
    return render(request, page)


@router.get("/runs/{run_id:id}/answers", name="evaluation.answers")
def answers(request: Request, session: DB, actor: CurrentActor, run_id: int, q: Words = "") -> Response:
    """What did each model say, what the previous run, and what a person?"""
    run, report, previous, rows, withheld = answers_of(session, actor, run_id)
    page = AnswersPage(
        project=get_project_for(session, actor, run.project_id),
        run=run,
        previous=previous,
        lead=how_answered(run, report) + answered_otherwise(run, report, previous),
        why_none=SILENT if run.method == "reward" else "Its plan asked for no sample answers.",
        rows=answers_with(rows, q),
        withheld=withheld,
        count=len(rows),
        q=q,
        longest=LONGEST_QUERY,
    )
    return render(request, page)


@router.get("/runs/{run_id:id}/answers.jsonl", name="evaluation.answers_file")
def answers_file(session: DB, actor: CurrentActor, run_id: int) -> Response:
    """All of them as a file: a JSON object a line."""
    return send_answers(session, actor, run_id)
