"""The JSON door to reports."""

from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import with_scope
from app.core.database import DB
from app.core.text import Text
from app.core.web import Out, api
from app.evaluation.answers import LONGEST_QUERY, as_row, found
from app.evaluation.answers_file import send_answers
from app.evaluation.queries import answers_of, get_report_for

router = api("evaluation")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]


@router.get("/runs/{run_id:id}/report", name="api.evaluation.report")
def report(session: DB, actor: Reader, run_id: int) -> dict[str, Any]:
    """The report.json of a finished run, as its worker wrote it."""
    _, told = get_report_for(session, actor, run_id)
    return dict(told)


class AnswersOut(Out):
    """Prompts with the answers of the base model, of the previous run and of this one, and a person's response.

    `previous_run_id`: the newest earlier run on the same dataset; null where there is none.
    """

    previous_run_id: int | None
    answers: list[dict[str, Any]]


@router.get("/runs/{run_id:id}/answers", name="api.evaluation.answers")
def answers(
    session: DB, actor: Reader, run_id: int, q: Annotated[Text, Query(max_length=LONGEST_QUERY)] = ""
) -> AnswersOut:
    """The answers of a finished run side by side; of those that hold every word of `q`, whatever its case."""
    _, previous, rows = answers_of(session, actor, run_id)
    return AnswersOut(
        previous_run_id=previous.run_id if previous else None,
        answers=[dict(as_row(row, previous)) for row in found(rows, q)],
    )


@router.get("/runs/{run_id:id}/answers.jsonl", name="api.evaluation.answers_file", response_class=Response)
def answers_file(session: DB, actor: Reader, run_id: int) -> Response:
    """All of them as a file, a JSON object a line."""
    return send_answers(session, actor, run_id)
