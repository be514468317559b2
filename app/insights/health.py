"""Is it up, and can it work? For load balancers: no numbers, nothing about the inside."""

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StartRefused
from app.core.logs import logger
from app.core.migrate import check_schema
from app.core.web import pages

router = pages("/health")
log = logger("penset.health")


@router.get("/live", name="insights.live", response_class=JSONResponse)
def live() -> JSONResponse:
    """The process answers. Touches nothing."""
    return JSONResponse({"status": "alive"})


@router.get("/ready", name="insights.ready", response_class=JSONResponse)
def ready(request: Request) -> JSONResponse:
    """The database answers and is at this code's schema; 503 otherwise. Waits for no turn."""
    try:
        with request.app.state.sessions() as session:
            connection = session.connection()
            connection.execute(text("SELECT 1"))
            check_schema(connection)
    except (SQLAlchemyError, StartRefused) as why:
        log.warning("not_ready", kind=type(why).__name__)
        return JSONResponse({"status": "not ready"}, 503, {"Retry-After": "1"})
    return JSONResponse({"status": "ready"})
