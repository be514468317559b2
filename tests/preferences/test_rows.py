"""A pair as a line of a version: keys in a fixed order, one line whatever the texts hold, the same bytes again."""

import json
from pathlib import Path
from typing import Any

from app.preferences.versions.rows import Preferred, line_of_pair

SAMPLE = Path(__file__).parent.parent / "data" / "preference_version"


def preferred(row: dict[str, Any]) -> Preferred:
    """The pair behind a row of a file."""
    said = row["metadata"] | {"prompt_id": int(row["metadata"]["prompt_id"])}
    return Preferred(int(row["id"][1:]), said.pop("prompt_id"), row["prompt"], row["chosen"], row["rejected"], **said)


def test_a_row_that_is_read_and_written_again_has_the_same_bytes() -> None:
    for file in sorted(SAMPLE.glob("*.jsonl")):
        lines = file.read_bytes().splitlines(keepends=True)
        assert len(lines) > 5
        assert [line_of_pair(preferred(json.loads(line))) for line in lines] == lines


def test_what_is_chosen_ends_with_an_answer_and_what_was_asked_with_a_question() -> None:
    for file in SAMPLE.glob("*.jsonl"):
        for row in map(json.loads, file.read_bytes().splitlines()):
            assert [row[key][-1]["role"] for key in ("prompt", "chosen", "rejected")] == [
                "user", "assistant", "assistant",
            ]  # fmt: skip
            assert 2 * row["metadata"]["agreed"] > row["metadata"]["opinions"]
