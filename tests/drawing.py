"""Templates compiled once for all processes of the tests, as Python keeps modules."""

from hashlib import sha256
from pathlib import Path

import jinja2

from app.core import web

CACHE = Path(__file__).resolve().parents[1] / ".cache"


def keep_compiled_templates() -> None:
    """The first process that draws a template compiles it; a changed one anew, and all when their rules change."""
    rules = sha256(jinja2.__version__.encode() + Path(web.__file__).read_bytes()).hexdigest()
    folder = CACHE / f"templates-{rules[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    web.environment().bytecode_cache = jinja2.FileSystemBytecodeCache(str(folder))
