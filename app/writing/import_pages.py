"""The browser's door to finished pairs: the page of imports, with their source and licence."""

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.prompts.import_pages import import_page, taken_in
from app.prompts.upload import FileOfForm
from app.writing.pair_imports import as_pairs
from app.writing.schemas import origin_of

router = pages("/projects/{project_id:id}/pairs")


@router.get("/import", name="writing.import_pairs")
def import_pairs(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Which file?"""
    return render(request, import_page(session, actor, project_id, as_pairs=True))


@router.post("/import", name="writing.import_pairs")
def take_in(upload: FileOfForm, request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Say which pairs the file would bring, or bring them in."""
    given = {name: upload.fields.get(f"every-{name}", "") for name in ("source", "licence")}
    page = import_page(session, actor, project_id, as_pairs=True, every=given)
    page, status = taken_in(session, actor, page, upload, as_pairs(origin_of(given)))
    return render(request, page, status=status)
