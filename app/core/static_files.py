"""Style sheets, scripts and fonts: kept by browsers for a year where the address names their content."""

from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from app.core.entity_tags import etag
from app.core.static_content import Content, content_mark, contents, scripts_mark

FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


class MarkedFiles(StaticFiles):
    """The folder `static`. Only the mark of what lies there now is kept: while a new version goes live, an old
    process must not fill caches with its own content under the new address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 404; what browsers may keep of it."""
        if not scope["path"].endswith(f"/{path}"):  # `path` has lost what stood doubled, dotted or at the end
            raise HTTPException(404)
        marked, below = path.partition("/")[::2] if path.startswith("@") else ("", path)
        found = contents().get(below) if scope["method"] == "GET" else None
        response = self.sent(found, Headers(scope=scope)) if found else await super().get_response(below, scope)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        kept = marked == f"@{scripts_mark()}" or (given is not None and given == [content_mark(path)])
        response.headers["Cache-Control"] = FOR_A_YEAR if kept else ASK_FIRST
        return response

    def sent(self, file: Content, asked: Headers) -> Response:
        """A file from memory: packed for whom that suits, nothing for whom has it already."""
        packs = file.packed is not None and "gzip" in asked.get("accept-encoding", "")
        headers = etag(f"{file.mark}-packed" if packs else file.mark)
        if file.packed is not None:
            headers["Vary"] = "Accept-Encoding"
        if packs:
            headers["Content-Encoding"] = "gzip"
        response = Response(file.packed if packs else file.body, headers=headers, media_type=file.kind)
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, asked) else response
