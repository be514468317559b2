"""Is a code block opened and not closed? By the rules of CommonMark 0.31, section 4.5."""

import re

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding

LINE_END = re.compile(r"\r\n?|\n")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)")


def check_fence(text: str, context: Context) -> Finding | None:
    """Whether a fence that opens a block has none that closes it: as many of the same signs, and nothing else."""
    opened = ""
    for line in LINE_END.split(text):
        found = FENCE.fullmatch(line)
        if found is None:
            continue
        signs, rest = found.groups()
        if not opened:
            opened = "" if signs[0] == "`" and "`" in rest else signs
        elif signs[0] == opened[0] and len(signs) >= len(opened) and not rest.strip(" \t"):
            opened = ""
    if opened and not context.typing:
        return Finding(HintName.FENCE, f"A code block is opened with {opened} and not closed.")
    return None
