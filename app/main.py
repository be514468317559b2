"""The web application: routers, middleware, lifespan; nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import anyio
from fastapi import FastAPI, Request
from sqlalchemy.orm import Session, sessionmaker
from starlette.responses import RedirectResponse, Response

from app import api_document, rooms
from app.accounts.doors import page_before, recognise, sign_in_address
from app.accounts.proofs import HASHES_AT_ONCE
from app.core import problems
from app.core.audit import Origin, record
from app.core.database import make_engine, make_sessions
from app.core.errors import DomainError
from app.core.migrate import check_schema
from app.core.openapi import ABOUT, DescribedApp
from app.core.settings import Settings
from app.core.static_files import MarkedFiles
from app.core.storage import Storage
from app.core.storage_choice import open_storage
from app.core.web import ROOT, error_page
from app.insights.subjects import asked_in
from app.training.erasing import apply_list
from app.training.playground.ways import Playground

# Laid together here, and in the rooms, by their lists: where a router is included, FastAPI reads each route anew.
ROUTES = [route for router in (*rooms.ROUTERS, api_document.router) for route in router.routes]
BEFORE_THE_DOOR = {404, 405, 415, 422}  # the refusals of a request that come before its route has asked who is there


def create_app(
    settings: Settings,
    database_url: str,
    *,
    sessions: sessionmaker[Session] | None = None,
    storage: Storage | None = None,
) -> FastAPI:
    """The application on a migrated database. Tests hand in their own sessions and storage."""
    app = DescribedApp(
        title="Penset",
        version="0.1.0",
        description=ABOUT,
        lifespan=lifespan,
        routes=ROUTES,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.sessions = sessions or make_sessions(make_engine(database_url, settings))
    app.state.check_schema = sessions is None
    app.state.storage = storage or open_storage(settings.storage_url, settings.files_folder)
    app.state.turns = asyncio.Semaphore(settings.pool_size)
    app.state.hashes = anyio.CapacityLimiter(HASHES_AT_ONCE)
    app.state.playground = Playground(settings)
    app.state.frame, app.state.beside_report = rooms.frame, rooms.beside_report
    app.state.beside_draft, app.state.beside_guidelines = rooms.beside_draft, rooms.beside_guidelines
    app.state.project_names, app.state.asked_in = rooms.project_names, asked_in
    app.state.error_page = page_or_sign_in
    app.state.on_refused = remember_refusal
    problems.install(app)
    app.mount("/static", MarkedFiles(directory=ROOT / "static"), name="static")
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Refuse to serve on another schema, erase again who a restored backup brought back; at the end leave nothing."""
    engine = app.state.sessions.kw["bind"]
    if app.state.check_schema:
        with engine.connect() as connection:
            check_schema(connection)
    with app.state.sessions.begin() as session:
        apply_list(session, app.state.storage)
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.settings.pool_size + 30
    yield
    app.state.playground.way.close()
    if app.state.check_schema:
        engine.dispose()


def page_or_sign_in(request: Request, error: DomainError) -> Response:
    """A page's refusal: the sign-in page or the page of consent where that mends it, the error page elsewhere."""
    if error.status == 401 and "next" in error.extra and "HX-Request" not in request.headers:
        return RedirectResponse(sign_in_address(error.extra["next"]), 303)
    if error.status == 401:
        error.extra["sign_in"] = sign_in_address(page_before(request))
    if "consent" in error.extra and "HX-Request" not in request.headers:
        return RedirectResponse(f"{error.extra['consent']}?next={quote(page_before(request))}", 303)
    if error.status in BEFORE_THE_DOOR and request.scope.keys() & {"route", "router"}:  # beyond them no thread waits
        recognise(request)
    return error_page(request, error)


def remember_refusal(request: Request, error: DomainError) -> None:
    """Audit a refused act in a transaction of its own: the request's was rolled back."""
    actor = getattr(request.state, "actor", None)
    state = request.scope.get("state", {})
    origin = Origin(state.get("address"), state.get("request_id"))
    with request.app.state.sessions.begin() as session:
        record(
            session,
            "access.refused",
            "route",
            actor_id=actor.user_id if actor else None,
            origin=origin,
            code=error.code,
        )
