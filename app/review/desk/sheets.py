"""The number of a submission as a reviewer's page may show it: sealed, so that neither it nor its order tells anything.

Some of what a reviewer meets is decided already (`gold.py`). Its number would say so: it is older than its neighbours,
and opens the page of the submission. The seal is a synthetic initialisation vector (RFC 5297) of HMAC-SHA256.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from app.core.errors import NotFound

HALF = 8  # bytes of a number, and of its mark


def seal(keys: Sequence[bytes], submission_id: int) -> str:
    """The number as addresses of the reviewer's pages have it."""
    number = submission_id.to_bytes(HALF, "big")
    mark = _mark(keys[0], number)
    return base64.urlsafe_b64encode(mark + _mixed(keys[0], mark, number)).decode().rstrip("=")


def unseal(keys: Sequence[bytes], sheet: str) -> int:
    """The number behind it. NotFound for what no page of ours has shown."""
    try:
        sealed = base64.b64decode(sheet.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except ValueError:
        sealed = b""
    for key in keys if len(sealed) == 2 * HALF else ():
        mark, number = sealed[:HALF], _mixed(key, sealed[:HALF], sealed[HALF:])
        if hmac.compare_digest(mark, _mark(key, number)):
            return int.from_bytes(number, "big")
    raise NotFound("writing.no_submission", "There is no such submission.")


def _mark(key: bytes, number: bytes) -> bytes:
    return hmac.new(key, b"sheet\0" + number, hashlib.sha256).digest()[:HALF]


def _mixed(key: bytes, mark: bytes, number: bytes) -> bytes:
    pad = hmac.new(key, b"sheet pad\0" + mark, hashlib.sha256).digest()[:HALF]
    return bytes(one ^ other for one, other in zip(number, pad, strict=True))
