"""The JSON door to the playground: both models of a run answer, line by line."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import AppSettings
from app.accounts.sign_ins import is_signed_in
from app.core.database import DB
from app.core.idempotency import repeatable
from app.core.web import api
from app.training import policy, queries
from app.training.api import Reader
from app.training.playground.answering import Streamed
from app.training.playground.folders import pair_of, require_model
from app.training.schemas import AskEvent, AskIn

router = api("training")
TOLD: dict[int | str, dict[str, Any]] = {200: {"description": "A line of JSON for each event.", "model": AskEvent}}


@router.post("/runs/{run_id:id}/ask", name="api.training.ask", status_code=200, response_class=Streamed, responses=TOLD)
@repeatable("It changes nothing, and its answer comes piece by piece.")
def ask(request: Request, session: DB, actor: Reader, settings: AppSettings, run_id: int, body: AskIn) -> Response:
    """Ask a run's base and its tuned model. Answers come as they are written; closing the connection stops them."""
    run = queries.get_run_for(session, actor, run_id)
    policy.can_ask(actor, run.project_id).require()
    storage = request.app.state.storage
    require_model(session, storage, run)
    pair = pair_of(storage, run, settings)
    sessions, signed_in = request.app.state.sessions, actor.sign_in_id

    def lasts() -> bool:
        with sessions.begin() as now:
            return signed_in is None or is_signed_in(now, signed_in)

    return Streamed(request.app.state.playground, actor.user_id, pair, body.question(), lasts)
