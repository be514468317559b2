"""Reading JSON as strictly as we say: no duplicate keys, no NaN, a limit on depth and digits."""

import json
import re
from typing import Any

from app.core.errors import DomainError, Invalid, Malformed, Place

DEPTH_LIMIT = 32
DIGIT_LIMIT = 400
# A string that nothing closes is taken to its end, once, and never again from each quote in it.
_TOKEN = re.compile(rb'"(?:\\.|[^"\\])*+"?|[\[{]|[\]}]', re.DOTALL)


class _Twice(Exception):
    pass


def loads(data: bytes) -> Any:
    """The value. Malformed (400) for what is not JSON, Invalid (422) for JSON that we do not take."""
    try:
        source = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("input.not_utf8", f"The body is not UTF-8 at byte {error.start}.") from None
    if data.count(b"[") + data.count(b"{") > DEPTH_LIMIT:  # with fewer, those in texts included, nothing is so deep
        _check_depth(data)
    try:
        return _DECODER.decode(source)
    except DomainError:
        raise
    except _Twice as twice:
        raise _refused("input.duplicate_key", "holds the same key twice", str(twice)) from None
    except ValueError as error:
        at = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise Malformed("input.not_json", f"The body is not JSON{at}.") from None


def _check_depth(data: bytes) -> None:
    deepest = now = 0
    for match in _TOKEN.finditer(data):
        token = match.group()
        now += (token in b"[{") - (token in b"]}")
        deepest = max(deepest, now)
    if deepest > DEPTH_LIMIT:
        if now:
            raise Malformed("input.not_json", "The body is not JSON: brackets that never close.")
        raise _refused("input.too_deep", f"is nested deeper than {DEPTH_LIMIT}")


def _refused(code: str, detail: str, key: str = "") -> Invalid:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1") if key else ""
    return Invalid(code, f"The body {detail}.", Place(pointer, detail))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise _Twice(key)
        seen[key] = value
    return seen


def _no_constant(name: str) -> Any:
    raise Malformed("input.not_json", f"The body is not JSON: {name} is no number.")


def _integer(digits: str) -> int:
    if len(digits) > DIGIT_LIMIT:
        raise _refused("input.number_too_long", f"holds a number of more than {DIGIT_LIMIT} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _refused("input.number_too_large", "holds a number that is too large")
    return value


_DECODER = json.JSONDecoder(
    parse_constant=_no_constant, parse_int=_integer, parse_float=_float, object_pairs_hook=_once
)
