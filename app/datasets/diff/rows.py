"""One change of a response as a line of a file."""

from typing import Any

from app.datasets.diff.changes import Change, Kind
from app.datasets.publish.rows import message
from app.writing.models import Revision


def as_row(kind: Kind, change: Change) -> dict[str, Any]:
    """One change with the conversation as the older and as the newer version hold it; null where it is not."""
    return {
        "kind": kind.value,
        "submission_id": str(change.submission_id),
        "was": change.was,
        "split": change.split,
        "was_part": change.was_part,
        "part": change.part,
        "old_revision": change.old_revision,
        "new_revision": change.new_revision,
        "category": change.category,
        "language": change.language,
        "old": conversation(change.old),
        "new": conversation(change.new),
    }


def conversation(revision: Revision | None) -> list[dict[str, str]] | None:
    """The messages of a revision, the prompt's first."""
    return [message(one) for one in (*revision.prompt_messages, *revision.messages)] if revision else None
