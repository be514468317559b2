"""Reading what a request sends: no more than its route takes, and no slower than a poor line."""

import asyncio
import time

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from app.core.errors import TooLarge, TooSlow

BODY_LIMIT = 2 << 20
IMPORT_LIMIT = 64 << 20
GRACE_SECONDS = 20  # for a body of any size
BYTES_A_SECOND = 16 << 10  # beyond the grace: a poor telephone line of today sends more


def body_limit(path: str) -> int:
    """Bytes that a route takes: 64 MiB for an import, 2 MiB for everything else."""
    return IMPORT_LIMIT + (1 << 16) if path.rstrip("/").endswith("/import") else BODY_LIMIT


def limited(receive: Receive, scope: Scope, headers: Headers) -> Receive:
    """A `receive` that stops at the route's limit, by the declared length or by counting, and waits only so long."""
    limit = body_limit(scope["path"])
    too_large = TooLarge("input.too_large", f"At most {limit >> 20} MiB can be sent here.")
    declared = headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise too_large
    started, seen, whole = time.monotonic(), 0, False

    async def counted() -> Message:
        nonlocal seen, whole
        if whole:  # what comes now is only that the client leaves
            return await receive()
        deadline = started + GRACE_SECONDS + seen / BYTES_A_SECOND
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise TooSlow("input.too_slow", "This was sent too slowly. Nothing was stored.") from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > limit:
            raise too_large
        return message

    return counted
