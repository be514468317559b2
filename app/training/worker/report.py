"""What a run learned, as a shape: `report.json`. Readable without torch or numpy.

Losses are negative log-likelihoods of the human response, in nats a response token, the stop token included.
*Seen* is a sample of the rows trained on, *unseen* the test rows; a negative change is an improvement.
"""

import json
from pathlib import Path
from typing import Any, TypedDict, cast

from app.training.worker.events import Point

SCHEMA = 1
FEW = 5  # fewer prompts than this: the number is shown as "too few to say"


class Estimate(TypedDict):
    """A number with its 95 % bootstrap interval over prompts; low and high are null where too few prompts stand."""

    value: float
    low: float | None
    high: float | None


class SplitNumbers(TypedDict):
    """One side of the comparison: `train` (seen) or `test` (unseen)."""

    rows: int
    prompts: int
    tokens: int
    loss_before: float
    loss_after: float
    perplexity_before: float
    perplexity_after: float
    change: Estimate  # loss_after - loss_before


class CategoryNumbers(TypedDict):
    """Unseen prompts of one category. `few` is true below FEW prompts."""

    category: str
    prompts: int
    few: bool
    loss_before: float
    loss_after: float
    change: Estimate


class LeftOut(TypedDict):
    """A row that took no part, and why."""

    split: str
    id: str
    reason: str
    tokens: int | None


class FileNumbers(TypedDict):
    """The rows of one file: `used` of `rows`; `not_drawn` fell to the plan's row limit."""

    rows: int
    used: int
    left_out: int
    not_drawn: int


class Sample(TypedDict):
    """One prompt with the human response and the model's answers, greedy, before and after.

    `*_ended` is true when the model stopped by itself, false when it was cut at `max_new_tokens`.
    """

    split: str
    id: str
    prompt_id: str
    category: str
    messages: list[dict[str, str]]  # the prompt: all turns before the response
    human: str
    before: str
    before_ended: bool
    after: str
    after_ended: bool


class RowNumbers(TypedDict):
    """One measured row; the losses here are *summed* over its `tokens`."""

    split: str
    id: str
    prompt_id: str
    category: str
    tokens: int
    loss_before: float
    loss_after: float


class BaseModelFacts(TypedDict):
    """Where the model began."""

    name: str
    label: str
    licence: str
    source: str
    pretrained_only: bool
    knows_nothing: bool
    sentence: str
    parameters: int
    weights_sha256: str


class Report(TypedDict):
    """`report.json`. `splits` lacks a side that had no rows; then `gap` is null."""

    schema: int
    made_at: str
    plan: dict[str, Any]
    base_model: BaseModelFacts
    files: dict[str, FileNumbers]
    left_out: list[LeftOut]
    splits: dict[str, SplitNumbers]
    gap: Estimate | None  # (unseen - seen) after, minus (unseen - seen) before
    categories: list[CategoryNumbers]
    curve: list[Point]
    samples: list[Sample]
    rows: list[RowNumbers]
    sentences: list[str]
    cautions: list[str]
    model_sha256: str  # of model/model.safetensors
    trained_parameters: int
    seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]


def read_report(path: Path) -> Report:
    """The report in this file. ValueError when it was written by another version of Penset."""
    report = json.loads(path.read_text("utf-8"))
    if report.get("schema") != SCHEMA:
        raise ValueError(f"{path.name} has schema {report.get('schema')}; this Penset reads {SCHEMA}.")
    return cast(Report, report)
