"""What lies under /static: every file, packed once; one style sheet and one script of all; marks of their content."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from app.core.scripts import joined_scripts

FOLDER = Path(__file__).resolve().parents[2] / "static"
STYLES = "all.css"
PARTS = (
    "fonts/fonts.css",
    *(
        f"css/{part}.css"
        for part in (
            "tokens", "base", "frame", "button", "field", "state", "table", "pager", "editor", "diff", "comment",
            "chart", "messages", "drawer", "keys", "empty", "progress", "rooms", "live",
        )
    ),
)  # fmt: skip
WORTH_PACKING = {".css", ".js", ".svg", ".txt", ".json"}  # fonts are packed as they are


@dataclass(frozen=True)
class Content:
    """One file as it is sent. `packed`: the same with gzip, for what becomes smaller by it."""

    body: bytes
    packed: bytes | None
    kind: str
    mark: str


@cache
def contents() -> Mapping[str, Content]:
    """Everything under /static by its path: read once, since addresses hold marks that are made once, too."""
    files = {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in FOLDER.rglob("*") if file.is_file()}
    files[STYLES] = style_sheet(files)
    files |= joined_scripts(files)
    return {path: content(path, body) for path, body in files.items()}


def content(path: str, body: bytes) -> Content:
    """One file, packed where that is worth it."""
    packed = gzip.compress(body, 9, mtime=0) if Path(path).suffix in WORTH_PACKING else None
    return Content(body, packed, guess_type(path)[0] or "text/plain", mark_of(body))


def style_sheet(files: Mapping[str, bytes]) -> bytes:
    """All style sheets as one, so that a page waits for one answer; its fonts under addresses that may be kept."""

    def marked(found: re.Match[str]) -> str:
        path = f"fonts/{found[1]}"
        return f"url(/static/{path}?v={mark_of(files[path])})"

    fonts, *parts = (files[part].decode() for part in PARTS)
    return "".join([re.sub(r"url\(([\w.-]+)\)", marked, fonts), *parts]).encode()


def mark_of(body: bytes) -> str:
    """A mark of a content."""
    return hashlib.sha256(body).hexdigest()[:12]


def content_mark(path: str) -> str | None:
    """A mark of what lies in a static file, or None where none lies."""
    found = contents().get(path)
    return found.mark if found else None


@cache
def scripts_mark() -> str:
    """A mark of all scripts together, ours and those of others."""
    return mark_of(b"".join(one.body for path, one in sorted(contents().items()) if path.endswith(".js")))
