"""How a route is declared, how a page is drawn, how a form is answered."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.core import says
from app.core.errors import PLACES_LISTED, DomainError, NamedPlace
from app.core.excerpts import last_words
from app.core.labels import named_places
from app.core.packing import pack
from app.core.posted import Posted, posted
from app.core.static_content import content_mark, scripts_mark
from app.core.strict_route import StrictRoute

ROOT = Path(__file__).resolve().parents[2]
POLLING = "X-Penset-Poll"  # the header of a part that a page asks for by itself, again and again


class In(BaseModel):
    """What a JSON route takes: strict types, no unknown field."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class FormIn(BaseModel):
    """What a form route takes: text that is read as the field's type, no unknown field."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Out(BaseModel):
    """What a JSON route gives: only the fields that are named."""

    model_config = ConfigDict(from_attributes=True, extra="ignore", defer_build=True)


def api(room: str, prefix: str = "") -> APIRouter:
    """The router of a room's JSON door."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=[room], route_class=StrictRoute)


def pages(prefix: str = "") -> APIRouter:
    """The router of a room's HTML door."""
    return APIRouter(
        prefix=prefix, include_in_schema=False, route_class=StrictRoute, default_response_class=HTMLResponse
    )


@dataclass(frozen=True)
class Link:
    """One room in the rail. `counts` says what `count` counts, for the hover and for a screen reader."""

    label: str
    href: str
    count: int | None = None
    counts: str = ""
    current: bool = False
    minor: bool = False


@dataclass(frozen=True)
class Me:
    """Who is signed in, as the bar shows it, and how many notices they have not read."""

    id: int
    name: str
    initials: str
    email: str
    is_admin: bool
    unread: int = 0


@dataclass(frozen=True)
class OpenProject:
    """The project that the rail belongs to."""

    id: int
    name: str
    archived: bool = False


@dataclass(frozen=True)
class UnreadRules:
    """Guidelines of the open project that I have yet to read, and the version of them that I read last, if any."""

    version: int
    since: int | None


@dataclass(frozen=True)
class Frame:
    """What surrounds a page: who I am, the open project, its rooms, and what I have yet to read before I go on."""

    me: Me | None = None
    project: OpenProject | None = None
    rooms: tuple[Link, ...] = ()
    foot: tuple[Link, ...] = ()
    theme: Literal["", "light", "dark"] = ""
    unread: UnreadRules | None = None


@dataclass(frozen=True)
class ErrorPage:
    """The page of a refusal: the same words as the problem document.

    `for_htmx`: htmx asks, which shows the refusal alone, above what was sent.
    """

    title: str
    status: int
    code: str
    sentence: str
    request_id: str
    places: Sequence[NamedPlace]
    extra: dict[str, Any]
    for_htmx: bool
    posted: Posted | None = None


def render(request: Request, page: Any, *, template: str | None = None, status: int = 200) -> HTMLResponse:
    """Draw a page; its template is named as its route (`prompts.show`: prompts/show.html), its fields are the names."""
    if template is None:
        template = request.scope["route"].name.replace(".", "/") + ".html"
    said = says.Said(request)
    response = HTMLResponse(_drawn(request, page, template, said), status)
    if said.shown:
        said.forget(response)
    pack(request, response)
    return response


def drawn_part(request: Request, page: Any, template: str) -> str:
    """A part of a page that is asked for by itself, as text: for who sends the same to many."""
    return _drawn(request, page, template, says.Said(request))


def json_answer(body: str, status: int = 200) -> Response:
    """What a JSON route has written itself, in its own thread: FastAPI would check it again and take another thread."""
    return Response(body, status, media_type="application/json")


def error_page(request: Request, error: DomainError) -> HTMLResponse:
    """The error page: in the frame, without counts, for whoever is known to be signed in; bare otherwise."""
    request_id = request.scope.get("state", {}).get("request_id", "")
    places = places_by_label(request, error)
    unsent = posted(request) if error.status == 401 else None
    extra = dict(error.extra)
    for_htmx = "HX-Request" in request.headers
    page = ErrorPage(error.title, error.status, error.code, error.sentence, request_id, places, extra, for_htmx, unsent)
    html = _drawn(request, page, "core/error.html", says.Said(request))
    response = HTMLResponse(html, error.status, dict(error.headers))
    if POLLING in request.headers and error.status < 500:
        response.headers["HX-Refresh"] = "true"  # who may see the part no more is not to go on looking at it
    return response


def places_by_label(request: Request, error: DomainError) -> list[NamedPlace]:
    """What is wrong with a form, by the labels that its fields have on the page."""
    route = getattr(request.scope.get("route"), "name", "")
    return named_places(environment(), route, error.places[:PLACES_LISTED])


def _drawn(request: Request, page: Any, template: str, said: says.Said) -> str:
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    context["frame"] = request.app.state.frame(request, page)
    context["request_path"] = request.url.path
    context["url_for"] = lambda name, /, **params: request.app.url_path_for(name, **params)
    context["just_said"] = said
    return environment().get_template(template).render(context)


def theme_of(request: Request) -> Literal["", "light", "dark"]:
    """The chosen theme, from its cookie."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in ("light", "dark") else ""  # type: ignore[return-value]


def see_other(request: Request, name: str, *, say: str = "", **params: Any) -> RedirectResponse:
    """Answer a form: 303 to the page of that route name, which shows the sentence `say`, if there is one, once."""
    response = RedirectResponse(str(request.app.url_path_for(name, **params)), 303)
    if say:
        says.say(request, response, say)
    return response


class Templates(Environment):
    """Templates that all have the same globals: Jinja compares those of a page with those of each file that it imports,
    which takes long by the view of several dictionaries that it would make."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of the environment, itself."""
        assert not d, "no template has globals of its own"
        return self.globals


@cache
def environment() -> Environment:
    """The one template environment: autoescape for every name, a typo is an error."""
    env = Templates(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"static": static, "just_said": str}
    env.filters |= {
        "number": number,
        "bytes": file_size,
        "ago": ago,
        "exact_time": exact_time,
        "iso": iso,
        "last_words": last_words,
        "seconds_since": seconds_since,
    }
    return env


@cache
def static(path: str) -> Markup:
    """The address of a static file with a mark of its content, so that browsers may keep it.

    A script imports others by relative addresses: the mark of all of them stands before its path, and they inherit it.
    """
    mark = content_mark(path)
    if mark is None:
        raise FileNotFoundError(path)
    if path.startswith("js/"):
        return Markup("/static/@{}/{}").format(scripts_mark(), path)
    return Markup("/static/{}?v={}").format(path, mark)


def number(value: float | None) -> str:
    """1164 → 1,164; a fraction keeps what it has; nothing → an en dash."""
    if value is None:
        return "–"
    return f"{value:,}"


def file_size(value: int) -> str:
    """Bytes for a person: 5.1 MB."""
    size = float(value)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
    return ""


def iso(moment: datetime) -> str:
    """A time as machines read it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def seconds_since(moment: datetime) -> int:
    """How long ago in seconds, for scripts: the clock of a browser may be wrong."""
    return int((datetime.now(UTC) - moment).total_seconds())


def exact_time(moment: datetime) -> str:
    """A time in full, in UTC."""
    return moment.astimezone(UTC).strftime("%-d %B %Y, %H:%M UTC")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that says something: 40 min ago, 2 days ago."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    for unit, length, limit in (("min", 60, 60), ("h", 3600, 24)):
        if seconds < length * limit:
            return f"{int(seconds // length)} {unit} ago"
    days = int(seconds // 86_400)
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 14 else moment.astimezone(UTC).strftime("%-d %B %Y")
