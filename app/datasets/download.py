"""Sending a file of a version: streamed, resumable by one range, never rendered by a browser."""

import base64
import re
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.core.entity_tags import etag, is_known, is_meant, is_still
from app.core.errors import Stale
from app.core.storage import Storage
from app.datasets.files import FileFact, file_of, open_file
from app.datasets.models import Version

Span = tuple[int, int]
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def send(request: Request, storage: Storage, version: Version, name: str) -> Response:
    """A file of a version; see `send_fact`."""
    return send_fact(request, file_of(version, name), lambda span: open_file(storage, version, name, span))


def send_fact(request: Request, fact: FileFact, opened: Callable[[Span | None], Iterator[bytes]]) -> Response:
    """200 with the whole file, 206 with one part, 304 for who has it, 412 for who means other bytes, 416 for a part
    that is not there.

    `opened` gives the bytes of a part, or all of them.
    """
    headers = headers_of(fact)
    if not is_meant(request.headers.getlist("if-match"), headers["ETag"]):
        raise Stale("core.other_bytes", "The file is another than the one that If-Match names.")
    if is_known(request.headers.getlist("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    span = part(request, headers["ETag"], fact.bytes)
    if span is None:
        headers["Content-Length"] = str(fact.bytes)
        return StreamingResponse(opened(None), headers=headers, media_type=fact.media_type)
    start, end = span
    if start >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{fact.bytes}"})
    headers |= {"Content-Range": f"bytes {start}-{end - 1}/{fact.bytes}", "Content-Length": str(end - start)}
    return StreamingResponse(opened(span), 206, headers, media_type=fact.media_type)


def headers_of(fact: FileFact) -> dict[str, str]:
    """What says which bytes these are, and that they are to be saved, not shown."""
    digest = base64.b64encode(bytes.fromhex(fact.sha256)).decode()
    return {
        **etag(fact.sha256),
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Checksum-Sha256": fact.sha256,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{fact.name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }


def part(request: Request, tag: str, size: int) -> Span | None:
    """Start and end (exclusive) of the one range asked for; empty where there is none such.

    None for the whole: nothing asked for, several ranges, another unit, or a part of other bytes than these.
    """
    match = ONE_RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or not is_still(request.headers.get("if-range"), tag):
        return None
    first, last = match.groups()
    if first:
        return int(first), min(int(last) + 1, size) if last else size
    return (max(size - int(last), 0), size) if last else None
