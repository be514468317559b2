"""Sending a file of a version: streamed, resumable by one range, never rendered by a browser."""

import base64
import re

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.core.storage import Storage
from app.datasets.files import file_of, open_file
from app.datasets.models import Version

ONE_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")


def send(request: Request, storage: Storage, version: Version, name: str) -> Response:
    """200 with the whole file, 206 with one part, 304 for who has it, 416 for a part that is not there."""
    fact = file_of(version, name)
    headers = {
        "ETag": f'"{fact.sha256}"',
        "X-Checksum-Sha256": fact.sha256,
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(fact.sha256)).decode()}:",
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{fact.name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if wanted is None or request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        chunks = open_file(storage, version, name)
        return StreamingResponse(
            chunks, media_type=fact.media_type, headers=headers | {"Content-Length": str(fact.bytes)}
        )
    span = one_range(wanted, fact.bytes)
    if span is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{fact.bytes}"})
    start, end = span
    headers |= {"Content-Range": f"bytes {start}-{end - 1}/{fact.bytes}", "Content-Length": str(end - start)}
    return StreamingResponse(open_file(storage, version, name, span), 206, headers, media_type=fact.media_type)


def one_range(header: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of the one range asked for; None where there is none such."""
    match = ONE_RANGE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if first is None:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None
