"""Counts in a heading."""

import pytest

from app.insights.sentences import counted, heading


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "no drafts"), (1, "one draft"), (10, "ten drafts"), (11, "11 drafts"), (1164, "1,164 drafts")],
)
def test_small_numbers_are_words(count: int, said: str) -> None:
    assert counted(count, "draft") == said


def test_a_heading_leaves_out_what_is_not_there() -> None:
    parts = [(1, "response to mend", "responses to mend"), (0, "job", "jobs"), (3, "draft", "drafts")]
    assert heading(parts, "Nothing.") == "One response to mend, three drafts."
    assert heading([(0, "job", "jobs")], "Nothing.") == "Nothing."
