"""Which pages are sent packed? Only those that repeat nothing of the address by which they were asked for.

Who listens on the line sees how long a packed page is, and a page packs better where text that they chose repeats a
secret in it (BREACH). That needs text of their choice and a secret on one page, and the page many times over:

- *Chosen by the request.* The query is what pages repeat (words of a search, filters): with one, a page is not packed.
  A path holds ids alone, a cookie of ours is signed or one of two words, and refusals are not packed.
- *Chosen beforehand.* A member can write texts, and others' pages show them. No page holds the session, and none a
  token against forged forms (fetch metadata takes its place). What is shown once, a new token or a link to join,
  answers a form: not packed. What is left is what other people wrote. So each page has, in the head of gzip, a filling
  whose length is drawn anew: a guess that is one byte shorter stands out after some thousand looks, not after one.
- *Many times.* The cookie is `SameSite=Lax`: another site can have it sent only by opening a page, once a click, and
  `Cross-Origin-Opener-Policy` takes the window away from it.
"""

import gzip
import io
import secrets

from starlette.requests import Request
from starlette.responses import Response

LEAST = 1000
FILLING = 100


def pack(request: Request, response: Response) -> None:
    """Pack a page with gzip for whoever reads that; not one that was asked for with a query."""
    body = bytes(response.body)
    may = request.method == "GET" and not request.url.query and response.status_code == 200 and len(body) >= LEAST
    if not may:
        return
    response.headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return
    response.body = packed(body)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))


def packed(body: bytes) -> bytes:
    """The same in gzip, under a name (RFC 1952, 2.3.1) of random length, that every reader skips."""
    written = io.BytesIO()
    name = "a" * secrets.randbelow(FILLING)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=5, fileobj=written, mtime=0) as file:
        file.write(body)
    return written.getvalue()
