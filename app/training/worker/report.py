"""What a run learned, as a shape: `report.json`. Readable without torch or numpy.

Losses are negative log-likelihoods of the human response, in nats a response token, the stop token included.
*Seen* is a sample of the rows trained on, *unseen* the test rows; a negative change is an improvement.

What a method does not measure is empty: a reward model has `ranking` and answers nothing; dpo, rloo and grpo have
`policy`, and losses where SFT rows lie in their folder. *Before* is the model that the run began from: the reference.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from app.training.worker.estimate import Estimate
from app.training.worker.events import Point
from app.training.worker.report_preferences import PolicyNumbers, Ranking

SCHEMA = 5
KINDS_SINCE = 4  # the schema from which `kinds` has its present shape
READS = (1, 2, 3, 4, 5)  # `upgraded` fills in what older ones lack
SEEN = "train"
UNSEEN = ("test", "test_writers", "test_categories")
SIDES = (SEEN, *UNSEEN)


class SplitNumbers(TypedDict):
    """One of SIDES: rows trained on, test rows of familiar kinds, of held-out writers, of held-out categories."""

    rows: int
    prompts: int
    tokens: int
    loss_before: float
    loss_after: float
    perplexity_before: float
    perplexity_after: float
    change: Estimate  # loss_after - loss_before


class EpochSide(TypedDict):
    """One side at an epoch's end."""

    loss: float
    change: Estimate  # loss - loss_before


class EpochNumbers(TypedDict):
    """All sides at an epoch's end, from the base model (epoch 0) to the finished one; `gap` as in the report."""

    step: int
    epoch: float
    sides: dict[str, EpochSide]
    gap: Estimate | None


class CategoryNumbers(TypedDict):
    """Unseen prompts of one category. `few` is true below FEW prompts."""

    category: str
    prompts: int
    few: bool
    loss_before: float
    loss_after: float
    change: Estimate


class KindGrowth(TypedDict):
    """How a category's unseen loss falls with the number of rows of all categories: its losses at these sizes, and what
    another doubling is expected to change."""

    rows: list[int]
    losses: list[Estimate]
    next: Estimate


class KindNumbers(TypedDict):
    """One category, as far as it says what to write next. Losses are those after training; null without prompts.

    `trained`: rows trained on. `unseen`: plain test rows, and validation rows where nothing was chosen by them; `seen`:
    those of its training rows that were measured. `held_out`: the project keeps it out of training on purpose.
    `likely_gap`: unseen less seen loss after training, by what all categories say together; `first`: how likely it is,
    0 to 1, that ten more examples take more off its loss than off that of any other; null where the prompts are too few
    even for that. `growth` where the curve over dataset size was asked for, and enough of its prompts are of the test.
    """

    category: str
    held_out: bool
    trained: int
    unseen_prompts: int
    unseen: Estimate | None
    seen_prompts: int
    seen: Estimate | None
    gap: Estimate | None
    likely_gap: Estimate | None
    first: float | None
    growth: NotRequired[KindGrowth]


class OpenPrompt(TypedDict):
    """An open prompt and why it is where it is in the order.

    `doubt`: the mean entropy of the next token along the model's own answer, in nats; `doubted_more_than`: the share of
    the other open prompts with less. `stands_for`: open prompts that it is closer to than all that are answered or
    come before it. `nearest`: its likeness to the nearest prompt that was trained on, 0 to 1.
    """

    prompt_id: str
    doubt: float
    doubted_more_than: float
    stands_for: int
    nearest: float


class OpenPrompts(TypedDict):
    """Open prompts in the order in which they should be answered; `looked_at`: how many there were to choose from."""

    looked_at: int
    order: list[OpenPrompt]


class SizeNumbers(TypedDict):
    """The unseen loss after training on a part of the rows, the mean of all seeds; `seeds`: that of each."""

    rows: int
    loss: Estimate
    seeds: list[float]


class BySize(TypedDict):
    """How the unseen loss falls with the number of rows.

    `last`: what the last doubling changed; `next`: what another is expected to change (negative: less loss); `at`: the
    loss then. `prompts`: how many were measured. `chosen`: each model is that of its lowest validation loss.
    """

    sizes: list[SizeNumbers]
    last: Estimate
    next: Estimate
    at: Estimate
    prompts: int
    chosen: bool


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


class NearDuplicate(TypedDict):
    """A row that was to be measured as never seen, and a training row that asks nearly the same."""

    split: str
    id: str
    train_id: str
    percent: int  # of what the prompts' words weigh in common


class Judged(TypedDict):
    """One answer by rules that need no second model; null where the prompt gives no occasion.

    `usual_length`: ended by itself, as long as nine in ten human responses to training prompts. `verbatim_tokens`: the
    longest run of tokens that it shares with the human response.
    """

    tokens: int
    ended: bool
    usual_length: bool
    repeats_prompt: bool | None
    follows_format: bool | None
    chrf: float
    verbatim_tokens: int


class BehaviourNumbers(TypedDict):
    """One trait over prompts never seen: shares, or for chrF means. `people`: human responses by the same rule."""

    name: str  # a key of Judged
    prompts: int
    people: Estimate | None
    before: Estimate
    after: Estimate
    change: Estimate


class RecitedRow(TypedDict):
    """A training row with the longest stretch of its response that came back word for word."""

    id: str
    prompt_id: str
    recited: bool
    verbatim_tokens: int
    of_tokens: int
    text: str


class RecitalNumbers(TypedDict):
    """Shares of training prompts whose response was recited; `verbatim_*`: the mean part of a response in one run."""

    prompts: int
    before: Estimate
    after: Estimate
    change: Estimate
    unseen_prompts: int
    unseen_after: Estimate | None
    verbatim_before: Estimate
    verbatim_after: Estimate
    rows: list[RecitedRow]


class Sample(TypedDict):
    """One prompt with the human response and the model's answers, greedy, before and after.

    `*_ended` is true when the model stopped by itself, false when it was cut at `max_new_tokens`. Of a policy's run
    `human` is the chosen response where no person wrote one; `base` the listed base model's answer, empty where that is
    the reference; `rewards` and `second_rewards` of before, after, human.
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
    judged: dict[str, Judged]  # before, after, human; empty in a report of schema 1
    base: str
    rewards: dict[str, float]  # empty without a reward model
    second_rewards: dict[str, float]


class RowNumbers(TypedDict):
    """One measured row; the losses here are *summed* over its `tokens`."""

    split: str
    id: str
    prompt_id: str
    category: str
    tokens: int
    loss_before: float
    loss_after: float


class Kept(TypedDict):
    """A model that was chosen by validation loss: its step, and the last step that was measured."""

    step: int
    epoch: float
    validation_loss: float
    last_step: int
    last_validation_loss: float


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
    """`report.json`. `splits` lacks a side that had no rows; then `gap` is null, and `gaps` lacks that side.

    Where `contaminated` names a row, the report refuses: nothing is told of unseen rows, for some of them were seen.
    `gap` is that of the plain test rows, `gaps` holds it and those of held-out writers and categories.
    """

    schema: int
    made_at: str
    method: str  # as in the plan
    plan: dict[str, Any]
    base_model: BaseModelFacts
    files: dict[str, FileNumbers]
    left_out: list[LeftOut]
    splits: dict[str, SplitNumbers]
    contaminated: list[NearDuplicate]
    gap: Estimate | None  # (unseen - seen) after, minus (unseen - seen) before
    gaps: dict[str, Estimate]
    epochs: list[EpochNumbers]
    kept: Kept | None  # null: the last step's model, as a run does that was not told otherwise
    categories: list[CategoryNumbers]
    kinds: list[KindNumbers] | None  # None in a report below schema 4; empty where it refuses
    first: OpenPrompts | None  # None where no open prompts lay in the run's folder, or memory did not suffice
    by_size: BySize | None  # None where the plan did not ask for it, or rows or memory are too few
    behaviour: list[BehaviourNumbers]
    recital: RecitalNumbers | None
    ranking: Ranking | None  # of a reward model's run, and of dpo's: there by how far the policy left the reference
    policy: PolicyNumbers | None
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
    """The report in this file. ValueError when it was written by a version of Penset that is newer, or no Penset."""
    report = json.loads(path.read_text("utf-8"))
    if report.get("schema") not in READS:
        raise ValueError(f"{path.name} has schema {report.get('schema')}; this Penset reads {READS[0]} to {READS[-1]}.")
    return upgraded(report)


def upgraded(report: Mapping[str, Any]) -> Report:
    """A report of any schema that we read, as the newest: what an older one did not measure is empty."""
    gap = report.get("gap")
    lacking: dict[str, Any] = {"gaps": {"test": gap} if gap else {}, "epochs": []}
    lacking |= {"behaviour": [], "recital": None, "contaminated": [], "kinds": None, "kept": None}
    lacking |= {"first": None, "by_size": None, "method": "sft", "ranking": None, "policy": None}
    silent: dict[str, Any] = {"judged": {}, "base": "", "rewards": {}, "second_rewards": {}}
    samples = [silent | sample for sample in report.get("samples", [])]
    told = {key: value for key, value in report.items() if key != "kinds" or report["schema"] >= KINDS_SINCE}
    return cast(Report, lacking | told | {"samples": samples})
