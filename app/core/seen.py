"""If-Match: a program names what it saw, so that it changes nothing that somebody has changed since."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Header
from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from app.core.entity_tags import Tags, tags_in
from app.core.openapi import CONTENT

# `*`, or tags in a list, as a schema says it; what they name is read by `tags_in`.
PATTERN = r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'


class Marks:
    """Any of the states that a program says it saw: the tags of If-Match, without their quotes."""

    def __init__(self, tags: Tags) -> None:
        self.tags = tags

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read from a header."""
        return core_schema.no_info_after_validator_function(cls.read, core_schema.str_schema())

    @classmethod
    def read(cls, header: str) -> "Marks":
        """What a header names. Refused: one that names nothing."""
        tags = tags_in(header)
        if tags is None:
            raise PydanticCustomError("if_match", "names nothing: give the ETag of what you saw, quotes included")
        return cls(tags)


def is_seen(seen: Marks | str | int | None, mark: str | int) -> bool:
    """Whether the state of this mark is what somebody saw: by If-Match, or by the mark in a form. None: any will do."""
    return seen is None or (seen.tags.name(mark) if isinstance(seen, Marks) else str(seen) == str(mark))


def mark_of(*values: Any) -> str:
    """What names these values: others have another mark."""
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


Seen = Annotated[
    Marks | None,
    Header(
        alias="If-Match",
        description="The ETag of what you saw, or several, or *: where it is another by now, nothing is changed. "
        "Left out: any.",
        json_schema_extra={"pattern": PATTERN},
    ),
]
STALE: dict[int | str, dict[str, Any]] = {
    412: {"description": "It is not what If-Match names; nothing was changed.", "content": CONTENT}
}
