"""Where does the browser go next? The addresses to which the forms of writing lead."""

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse

from app.writing.models import Assignment


def to_sheet(request: Request, assignment_id: int, **query: int | str | None) -> RedirectResponse:
    """To the page on which somebody writes."""
    return _seen(str(request.app.url_path_for("writing.show", assignment_id=assignment_id)), query)


def to_index(request: Request, project_id: int, **query: int | str | None) -> RedirectResponse:
    """To the page from which a writer begins."""
    return _seen(str(request.app.url_path_for("writing.index", project_id=project_id)), query)


def on_to(
    request: Request, project_id: int, following: Assignment | None, *, of: int | None, **did: int | None
) -> RedirectResponse:
    """To what follows, or where nothing does to the page that says what else can be done. `did`: what came before."""
    if following is None:
        return to_index(request, project_id, nothing_open="true", **did)
    return to_sheet(request, following.id, of=of, **did)


def _seen(address: str, query: dict[str, int | str | None]) -> RedirectResponse:
    asked = urlencode({name: value for name, value in query.items() if value})
    return RedirectResponse(f"{address}?{asked}" if asked else address, 303)
