"""The answers of a run as a file: a JSON object a line, and on the record who took it."""

from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict
from app.datasets.publish.rows import line_of
from app.evaluation.answers import as_row
from app.evaluation.queries import answers_of


def send_answers(session: Session, actor: Actor, run_id: int) -> Response:
    """The whole file: it holds as many prompts as a run answers, some dozens. Conflict while some are still judged."""
    run, _, _, rows, withheld = answers_of(session, actor, run_id)
    if withheld:
        raise Conflict("evaluation.withheld", withheld)
    name, project = f"answers-of-run-{run.id}.jsonl", run.project_id
    record(
        session, "run.downloaded", "run", run.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project, file=name,
    )  # fmt: skip
    return Response(
        b"".join(line_of(as_row(row)) for row in rows),
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-cache",
        },
        media_type="application/jsonl",
    )
