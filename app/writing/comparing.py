"""What differs between a draft as it is stored and what another window sends? Part by part, in the order of reading."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from app.core.diff import Segment, side_by_side
from app.writing.models import Assignment
from app.writing.turns import Messages, question_of, role_at, system_of

# Whoever sends a conflict waits for this, with the draft locked: longer texts are marked as a whole.
CHARACTERS = 200_000


def compared(assignment: Assignment, asked: Messages, messages: Messages) -> list[dict[str, Any]]:
    """Each part that one of the two has: its role, and pieces (op, text) of what was sent, `here`, and stored, `there`.

    What only the one has is not "equal" in it. `asked` counts for a pair alone.
    """
    room = CHARACTERS
    parts = []
    for role, there, here in _parts(assignment, asked, messages):
        room -= len(there) + len(here)
        stored, sent = side_by_side(there, here) if room >= 0 else _whole(there, here)
        parts.append({"role": role, "here": sent, "there": stored})
    return parts


def _parts(assignment: Assignment, asked: Messages, messages: Messages) -> Iterator[tuple[str, str, str]]:
    """Role, stored text and sent text of each part."""
    draft = assignment.draft
    if assignment.is_pair:
        system = system_of(draft.prompt_messages), system_of(asked)
        if any(system):
            yield "system", *system
        yield "user", question_of(draft.prompt_messages), question_of(asked)
    contents = ([turn["content"] for turn in one] for one in (draft.messages, messages))
    for at, (there, here) in enumerate(zip_longest(*contents, fillvalue="")):
        yield role_at(at), there, here


def _whole(there: str, here: str) -> tuple[list[Segment], list[Segment]]:
    alike = there == here
    return [("equal" if alike else "delete", there)], [("equal" if alike else "insert", here)]
