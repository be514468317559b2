"""Which pages are sent packed? Only those that repeat nothing of the address by which they were asked for."""

import gzip

from starlette.requests import Request
from starlette.responses import Response

LEAST = 1000


def pack(request: Request, response: Response) -> None:
    """Pack a page with gzip for whoever reads that.

    Not one that was asked for with a query: how small such an answer becomes would tell who listens on the line, and
    makes a browser ask, whether their guess in the address stands in the page as well (BREACH).
    """
    body = bytes(response.body)
    may = request.method == "GET" and not request.url.query and response.status_code == 200 and len(body) >= LEAST
    if not may:
        return
    response.headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return
    response.body = gzip.compress(body, 5, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
