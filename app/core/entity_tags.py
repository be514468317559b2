"""By what does an answer name the state, or the bytes, that it shows? Entity tags, of one style (RFC 9110, 8.8.3).

All of ours are strong: what differs in a byte of a file, or in what a program may change, has another tag. So the same
tags serve If-None-Match, If-Range and If-Match.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A tag, or what stands between tags. Nothing is read twice, however long it is.
PART = re.compile(r'(W/)?+"([\x21\x23-\x7e\x80-\xff]*+)"|[, \t]')


@dataclass(frozen=True)
class Tags:
    """What If-Match or If-None-Match names, without quotes: `any` for `*`, strong tags, weak ones."""

    any: bool = False
    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    def name(self, mark: str | int) -> bool:
        """Whether the state of this mark is among them: strong comparison (8.8.3.2), as If-Match asks for (13.1.1)."""
        return self.any or str(mark) in self.strong

    def name_weakly(self, mark: str | int) -> bool:
        """The same by weak comparison, as If-None-Match asks for (13.1.2)."""
        return self.name(mark) or str(mark) in self.weak


def tags_in(header: str) -> Tags | None:
    """The tags of a header (13.1.1): `*`, or one and more in a list. None where it names nothing, or is no list."""
    if header.strip(" \t") == "*":
        return Tags(any=True)
    found: dict[bool, set[str]] = {False: set(), True: set()}
    at, follows_comma = 0, True
    while at < len(header):
        part = PART.match(header, at)
        if part is None or (part[2] is not None and not follows_comma):
            return None
        if part[2] is not None:
            found[part[1] is not None].add(part[2])
            follows_comma = False
        elif part[0] == ",":
            follows_comma = True
        at = part.end()
    return Tags(strong=frozenset(found[False]), weak=frozenset(found[True])) if any(found.values()) else None


def entity_tag(mark: str | int) -> str:
    """The tag of what this mark names: in quotes, without `W/`."""
    return f'"{mark}"'


def etag(mark: str | int) -> dict[str, str]:
    """The header that says which state an answer shows."""
    return {"ETag": entity_tag(mark)}


def is_known(if_none_match: Sequence[str], tag: str) -> bool:
    """Whether somebody who sends these lines of If-None-Match has it already. What is no list is not looked at."""
    named = tags_in(", ".join(if_none_match))
    return named is not None and named.name_weakly(tag.strip('"'))


def is_meant(if_match: Sequence[str], tag: str) -> bool:
    """Whether these lines of If-Match mean it; without any they do."""
    named = tags_in(", ".join(if_match))
    return not if_match or (named is not None and named.name(tag.strip('"')))


def is_still(if_range: str | None, tag: str) -> bool:
    """Whether a part may be sent: strong comparison with what If-Range names (13.1.5), so neither a weak tag nor a
    date will do. Without the header it may."""
    return if_range is None or if_range == tag
