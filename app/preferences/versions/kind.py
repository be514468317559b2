"""Datasets of what people prefer, as publishing and the pages of datasets ask for them."""

from app.datasets.kinds import Changes, Kind
from app.datasets.models import DatasetKind
from app.datasets.registry import KINDS
from app.preferences.versions.card import body, card
from app.preferences.versions.changes import as_row, count_changes, list_changes
from app.preferences.versions.gather import copy_rows, gather
from app.preferences.versions.manifest import describe
from app.preferences.versions.preview import preview
from app.preferences.versions.rule import as_json, checked_rule, in_words
from app.preferences.versions.shown import count_dropped_pairs, dropped_pairs, shown_pairs
from app.preferences.versions.withheld import answers_before_judges, why_withheld
from app.training.blind import JUDGED_IN

PREFERENCES = Kind(
    rule=lambda raw: as_json(checked_rule(raw)),
    in_words=lambda raw: in_words(checked_rule(raw)),
    preview=lambda session, project_id, raw, seconds: preview(session, project_id, checked_rule(raw), seconds=seconds),
    gather=gather,
    describe=describe,
    card=card,
    body=body,
    list_rows=copy_rows,
    shown=shown_pairs,
    dropped=dropped_pairs,
    count_dropped=count_dropped_pairs,
    withheld=why_withheld,
    changes=Changes(count_changes, list_changes, as_row),
    nothing="No judged pair meets the rule, so there is nothing to publish: have more compared, or ask for less.",
)


def know_preferences() -> None:
    """Let publishing, and the pages of datasets, know of this kind; and reports of runs, what is still judged."""
    KINDS[DatasetKind.PREFERENCES] = PREFERENCES
    if answers_before_judges not in JUDGED_IN:
        JUDGED_IN.append(answers_before_judges)
