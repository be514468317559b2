"""Is what stands percent-encoded the UTF-8 that it says to be? For queries and forms, before they are decoded."""

import re
from urllib.parse import unquote_to_bytes

from app.core.errors import Malformed

_NO_CODE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def decoded(raw: bytes, what: str) -> str:
    """The text behind `a=%C3%A9&b=+`. Malformed for raw bytes past ASCII, a stray %, or bytes that are no UTF-8."""
    if not raw.isascii() or _NO_CODE.search(raw):
        raise Malformed("input.not_percent_encoded", f"The {what} is not percent-encoded.")
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("input.not_utf8", f"The {what} is not UTF-8.") from None
