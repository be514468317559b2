"""A finished run does not fail by what is looked at beside it."""

from pathlib import Path
from typing import NoReturn

import pytest
import torch

from app.training.worker.events import EventKind, Journal
from app.training.worker.extras import as_memory_allows
from tests.training.worker.runs import events


def raising(problem: Exception) -> NoReturn:
    """A look that ends so."""
    raise problem


@pytest.mark.parametrize("problem", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried ...")])
def test_where_memory_does_not_suffice_the_run_goes_on_and_warns(tmp_path: Path, problem: Exception) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    assert as_memory_allows(journal, "the curve", lambda: raising(problem)) is None
    [said] = [event["message"] for event in events(tmp_path, EventKind.WARNING)]
    assert said == "There was not enough memory for the curve: the report does without it."


def test_any_other_problem_is_told_as_it_is_and_what_was_found_is_handed_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    with pytest.raises(ValueError, match="a bug"):
        as_memory_allows(journal, "the curve", lambda: raising(ValueError("a bug")))
    assert as_memory_allows(journal, "the curve", lambda: 3) == 3
    assert events(tmp_path) == []
