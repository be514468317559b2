"""How was a text typed? Counts that a project may keep and its writer sees: never what was typed, never which key."""

from typing import Any

from app.writing.models import Draft

COUNTS = ("keystrokes", "pastes", "pasted_characters", "active_seconds")


def counted(kept: dict[str, Any] | None, since: dict[str, int]) -> dict[str, int]:
    """What is kept of a draft, with what was typed since the save before."""
    before = kept or {}
    return {name: int(before.get(name, 0)) + since.get(name, 0) for name in COUNTS}


def shown(draft: Draft) -> dict[str, int]:
    """The counts of a draft as its writer sees them, each of them 0 before the first key."""
    return counted(draft.provenance, {})
