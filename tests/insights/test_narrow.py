"""What holds a project back, told from its numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.insights.narrow import narrow_place
from app.insights.pipeline import Counts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING = dict.fromkeys(Counts.__dataclass_fields__, 0) | {
    "name": "P", "oldest": None, "version_id": None, "version_number": None, "version_rows": None,
    "published_at": None, "run_id": None, "run_number": None, "run_rows": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "finding", "because", "route"),
    [
        ({}, "There is nothing to write about.", "No prompt is open.", "prompts.index"),
        ({"proposed": 14}, "Prompts wait to be approved.", "14 proposed prompts wait", "prompts.index"),
        ({"proposed": 1, "open": 1}, "Prompts wait to be approved.", "1 proposed prompt waits", "prompts.index"),
        ({"open": 312, "proposed": 3}, "Writing is the narrow place.", "312 responses are wanted", "writing.index"),
        (
            {"in_review": 27, "handed_in": 17, "decided": 12},
            "Review is the narrow place.",
            "27 responses wait, and more were handed in this week (17) than were decided (12).",
            "review.index",
        ),
        (
            {"in_review": 1, "oldest": NOW - timedelta(days=3), "handed_in": 1, "decided": 5},
            "Review is the narrow place.",
            "1 response waits, the oldest for 3 days.",
            "review.index",
        ),
        ({"in_review": 2, "oldest": NOW, "decided": 5, "open": 4}, "Writing is the narrow place.", "", "writing.index"),
        ({"approved": 20, "target": 20, "open": 5}, "Nothing: the target is reached.", "20 responses", ""),
        ({"drafting": 2}, "Nothing: all that is asked is being answered.", "2 in drafts", "prompts.index"),
    ],
)
def test_the_narrow_place_follows_from_the_numbers(
    numbers: dict[str, Any], finding: str, because: str, route: str
) -> None:
    place = narrow_place(Counts(**(NOTHING | numbers)), NOW)
    assert (place.finding, place.route) == (finding, route)
    assert because in place.because
