"""Writes docs/errors.md: every error code that the code can answer with, its status and its sentence."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from app.core import errors

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Error codes

Every refusal has a code that never changes its meaning: `type` of the problem document is `/errors/` and the code. The
sentences are for people and may become clearer; "…" is filled in. Written by `.venv/bin/python scripts/error_codes.py`.

| code | status | what it says |
|---|---|---|
"""


def sentence(node: ast.expr) -> str:
    """The sentence of an error as it stands in the code; what is filled in is an ellipsis."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return sentence(node.left) + sentence(node.right)
    return "…"


def found(path: Path) -> Iterator[tuple[str, int, str]]:
    """Code, status and sentence of every error that a file makes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or len(node.args) < 2:
            continue
        kind, first = getattr(errors, node.func.id, None), node.args[0]
        if isinstance(kind, type) and isinstance(first, ast.Constant) and "." in str(first.value):
            yield str(first.value), getattr(kind, "status", 403), sentence(node.args[1])


def main() -> None:
    """Write the page."""
    rows: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for path in (ROOT / "app").rglob("*.py"):
        for code, status, words in found(path):
            rows[code, status].add(words)
    lines = [
        f"| `{code}` | {status} | {'<br>'.join(sorted(words - {'…'}) or ['…'])} |"
        for (code, status), words in sorted(rows.items())
    ]
    (ROOT / "docs" / "errors.md").write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} codes")


if __name__ == "__main__":
    main()
