"""By what does an answer name the state, or the bytes, that it shows? Entity tags, of one style (RFC 9110, 8.8.3).

All of ours are strong: what differs in a byte of a file, or in what a program may change, has another tag. So the same
tags serve If-None-Match, If-Range and If-Match.
"""

import re

TAGS = re.compile(r'(?:W/)?"[^"]*"')


def entity_tag(mark: str | int) -> str:
    """The tag of what this mark names: in quotes, without `W/`."""
    return f'"{mark}"'


def etag(mark: str | int) -> dict[str, str]:
    """The header that says which state an answer shows."""
    return {"ETag": entity_tag(mark)}


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether somebody who sends this If-None-Match has it already: weak comparison (13.1.2), or `*` for anything."""
    return if_none_match.strip() == "*" or tag in (one.removeprefix("W/") for one in TAGS.findall(if_none_match))


def is_still(if_range: str | None, tag: str) -> bool:
    """Whether a part may be sent: strong comparison with what If-Range names (13.1.5), so neither a weak tag nor a
    date will do. Without the header it may."""
    return if_range is None or if_range == tag
