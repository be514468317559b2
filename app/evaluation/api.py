"""The JSON door to reports."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import with_scope
from app.core.database import DB
from app.core.text import Text
from app.core.web import Out, api
from app.evaluation.advice import Prospect
from app.evaluation.aims import Line
from app.evaluation.answers import LONGEST_QUERY, as_row, found
from app.evaluation.answers_file import send_answers
from app.evaluation.queries import answers_of, get_report_for, what_next_by, without_judged

router = api("evaluation")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]


@router.get("/runs/{run_id:id}/report", name="api.evaluation.report")
def report(request: Request, session: DB, actor: Reader, run_id: int) -> dict[str, Any]:
    """The report.json of a finished run, as its worker wrote it. Samples that people still judge blindly are not in it,
    and `withheld` says so; `people`: of a policy, what people say who compared it blindly; to who
    still judges there its numbers are null, and its own `withheld` says why."""
    run, whole = get_report_for(session, actor, run_id)
    told, withheld = without_judged(session, run, whole)
    beside = request.app.state.beside_report(session, actor, run)
    return {**told, **({"withheld": withheld} if withheld else {}), **({"people": beside.as_json} if beside else {})}


class AnswersOut(Out):
    """Prompts with the answers of the base model, of the reference (the run that this one went on from), of the
    previous run and of this one, and a person's response.

    Each of these is null where there is no such model, or it was not asked this; `ended` where that was not kept.
    `temperature`: at which the answers were drawn, 0 where they are greedy.
    `previous_run_id`: the newest earlier run on the same dataset; null where there is none. `withheld` says, where
    prompts are left out because people still judge the answers to them blindly, which sets to close; else it is empty.
    """

    previous_run_id: int | None
    withheld: str
    answers: list[dict[str, Any]]


class EstimateOut(Out):
    """A number with its 95 % interval, whose ends are null where too few prompts stand."""

    value: float
    low: float | None
    high: float | None


class AdviceOut(Out):
    """One category. `prospect` is `helps`, `unsure`, `unknown` or `held_out`; losses are nats a response token.

    `takes_away`: what ten more examples are expected to take off the unseen loss; null where that is not known.
    `likely_gap`: the gap by what all categories say together; `gap` by the category's own prompts alone. `first`: how
    likely it is, 0 to 1, that ten more take more off its loss than off that of any other category.
    `category_id` and `target` are null where the project has no such category, `aim` where its target is that high.
    """

    category: str
    category_id: int | None
    prospect: Prospect
    takes_away: EstimateOut | None
    trained: int
    unseen_prompts: int
    unseen: EstimateOut | None
    seen_prompts: int
    seen: EstimateOut | None
    gap: EstimateOut | None
    likely_gap: EstimateOut | None
    first: float | None
    evidence: str
    verdict: str
    target: int | None
    aim: int | None


class WhatNextOut(Out):
    """What to write next by one run: a finding in a sentence, and every category, what helps most first."""

    run_id: int
    finding: str
    categories: list[AdviceOut]


@router.get("/runs/{run_id:id}/advice", name="api.evaluation.advice")
def advice(session: DB, actor: Reader, run_id: int) -> WhatNextOut:
    """What to write next by a finished run. A target is set by PATCH of the category."""
    found = what_next_by(session, actor, run_id)
    return WhatNextOut(run_id=found.run.id, finding=found.finding, categories=[_advice(one) for one in found.lines])


def _advice(line: Line) -> AdviceOut:
    told = vars(line.advice) | line.advice.numbers
    held = {"category_id": line.category.id, "target": line.category.target} if line.category else {}
    return AdviceOut.model_validate({"category_id": None, "target": None, "aim": line.aim} | told | held)


@router.get("/runs/{run_id:id}/answers", name="api.evaluation.answers")
def answers(
    session: DB, actor: Reader, run_id: int, q: Annotated[Text, Query(max_length=LONGEST_QUERY)] = ""
) -> AnswersOut:
    """The answers of a finished run side by side; of those that hold every word of `q`, whatever its case."""
    _, _, previous, rows, withheld = answers_of(session, actor, run_id)
    return AnswersOut(
        withheld=withheld,
        previous_run_id=previous.run_id if previous else None,
        answers=[dict(as_row(row)) for row in found(rows, q)],
    )


@router.get("/runs/{run_id:id}/answers.jsonl", name="api.evaluation.answers_file", response_class=Response)
def answers_file(session: DB, actor: Reader, run_id: int) -> Response:
    """All of them as a file, a JSON object a line."""
    return send_answers(session, actor, run_id)
