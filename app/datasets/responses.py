"""Datasets of approved responses: the kind that this room knows by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.datasets.diff.changes import count, list_changes
from app.datasets.diff.rows import as_row
from app.datasets.kinds import Changes, Kind, Task, copy_into, to_tell
from app.datasets.models import Part
from app.datasets.publish.card import body, card
from app.datasets.publish.facts import Fact
from app.datasets.publish.gather import Gathered, gather
from app.datasets.publish.manifest import describe
from app.datasets.queries import shown_rows
from app.datasets.rule.preview import preview
from app.datasets.rule.rules import as_json, checked_rule, in_words
from app.datasets.splits.placing import Placing
from app.datasets.splits.preparation import checked_preparation
from app.datasets.withdrawn import count_dropped_rows, dropped_rows

COPY_ROWS = (
    "COPY version_rows (version_id, position, split, held_out, submission_id, revision_id, prompt_id) FROM STDIN"
)


def described(
    task: Task, gathered: Gathered[Fact], placing: Placing[Fact], compared: Mapping[str, Any]
) -> dict[str, Any]:
    """The manifest, but for the sizes and hashes of the files. This kind alone chooses writers to hold out."""
    return describe(
        rule=task.version.rule,
        criteria=gathered.criteria,
        consents=gathered.consents,
        guideline_texts=gathered.guideline_texts,
        writers_percent=checked_preparation(task.version.preparation).held_out_writers,
        **to_tell(task, gathered, placing, compared),
    )


def copy_rows(session: Session, version_id: int, rows: Iterable[tuple[Fact, Part]]) -> None:
    """Store which rows the version holds, in the order of its files."""
    listed = (
        (version_id, position, part.in_split.value, part.held_out, row.submission_id, row.revision_id, row.prompt_id)
        for position, (row, part) in enumerate(rows, 1)
    )
    copy_into(session, COPY_ROWS, listed)


RESPONSES = Kind(
    rule=lambda raw: as_json(checked_rule(raw)),
    in_words=lambda raw: in_words(checked_rule(raw)),
    preview=lambda session, project_id, raw, _: preview(session, project_id, checked_rule(raw)),
    gather=gather,
    describe=described,
    card=card,
    body=body,
    list_rows=copy_rows,
    shown=lambda session, version_id, part, after: shown_rows(session, version_id, part=part, after=after),
    dropped=dropped_rows,
    count_dropped=count_dropped_rows,
    withheld=lambda *_: "",
    changes=Changes(
        count,
        lambda session, old_id, new_id, kind, after, limit: list_changes(
            session, old_id, new_id, kind, after=after, limit=limit
        ),
        as_row,
    ),
    nothing="No approved response meets the rule, so there is nothing to publish.",
)
