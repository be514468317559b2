"""If-Match: a program names what it saw, so that it changes nothing that somebody has changed since."""

import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import Header
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.openapi import CONTENT

ANY = "*"
TAG = r'^(\*|"[0-9a-z]{1,64}")$'


def check_seen(if_match: str | None) -> str | None:
    """What was seen, without its quotes; None where it does not matter. Refused: a header that names nothing."""
    if if_match is None or if_match == ANY:
        return None
    if not re.fullmatch(TAG, if_match):
        raise PydanticCustomError("if_match", "names nothing: give the ETag of what you saw, quotes included")
    return if_match.strip('"')


def mark_of(*values: Any) -> str:
    """What names these values: others have another mark."""
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


Seen = Annotated[
    str | None,
    AfterValidator(check_seen),
    Header(
        alias="If-Match",
        description="The ETag of what you saw: where it is another by now, nothing is changed. Left out: any.",
        json_schema_extra={"pattern": TAG},
    ),
]
STALE: dict[int | str, dict[str, Any]] = {
    412: {"description": "It is not what If-Match names; nothing was changed.", "content": CONTENT}
}
