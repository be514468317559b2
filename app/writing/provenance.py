"""How was a text typed? Counts that a project may keep and its writer sees: never what was typed, never which key."""

from typing import Any

from app.writing.models import Draft

# A revision: the writer goes back into the text, to delete or to put something in before its end.
COUNTS = ("keystrokes", "pastes", "pasted_characters", "active_seconds", "revisions")


def counted(kept: dict[str, Any] | None, since: dict[str, int]) -> dict[str, int]:
    """What is kept of a draft, with what was typed since the save before."""
    before = kept or {}
    return {name: int(before.get(name, 0)) + since.get(name, 0) for name in COUNTS}


def shown(draft: Draft) -> dict[str, int]:
    """The counts of a draft as its writer sees them, each of them 0 before the first key."""
    return counted(draft.provenance, {})
