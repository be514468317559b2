"""What a reward model or a policy was measured at, as shapes of `report.json`. Readable without torch or numpy."""

from typing import NotRequired, TypedDict

from app.training.worker.estimate import Estimate


class RankedBy(TypedDict):
    """How often the chosen response is put first on held-out pairs, by whom.

    `by`: "model", "untrained" (the same before the run), "length" (the longer response, or the shorter: what was right
    more often in training), "random" (its interval: where 95 of 100 who guess end). `says`: the same for people.
    """

    by: str
    says: str
    accuracy: Estimate
    pairs: int
    prompts: int


class RankedPart(TypedDict):
    """A part of the held-out pairs, by category or by strength; `few`: fewer prompts than FEW.

    `accuracy` is the model's, `length` that of "length", `random` where guessing ends, all on the same pairs. `sure`:
    the mean of what the model gave to the response that it put first, to be held against `accuracy`. Reports of before
    have the first alone.
    """

    name: str
    accuracy: Estimate
    length: NotRequired[Estimate]
    random: NotRequired[Estimate]
    sure: NotRequired[Estimate]
    pairs: int
    prompts: int
    few: bool


class Calibration(TypedDict):
    """Pairs of which the model was so sure: it gave `low` to `high` to the response that it put first.

    `expected`: the mean of that, `right`: how often that response was the chosen one.
    """

    low: float
    high: float
    expected: float
    right: Estimate
    pairs: int


class RankedPair(TypedDict):
    """A held-out pair on which the model was sure (`sure`, 0.5 to 1) of the response that was not chosen."""

    id: str
    prompt_id: str
    sure: float


class Ranking(TypedDict):
    """How well held-out pairs are put in order. `seen`: accuracy on as many pairs that were trained on.

    `loss`: nats a pair, 0.693 is what a coin gives. `mistakes`: the surest first.
    """

    rows: list[RankedBy]
    better_than_length: Estimate  # the model's accuracy less that of "length", on the same pairs
    by_category: list[RankedPart]
    by_strength: list[RankedPart]
    calibration: list[Calibration]
    loss_before: float
    loss: Estimate
    seen: Estimate
    mistakes: list[RankedPair]


class PolicyBy(TypedDict):
    """The answers of one model to the same prompts: "base", "reference" (where the run began), "policy".

    `kl`: to the reference, nats a token of its own answers; null for the base model, 0 for the reference. `ended`: the
    share that stopped by itself. A reward is null without the reward model in question.
    """

    by: str
    reward: Estimate | None
    second_reward: Estimate | None
    kl: Estimate | None
    tokens: Estimate
    ended: Estimate


class PolicyChange(TypedDict):
    """The policy less the reference, prompt by prompt."""

    reward: Estimate | None
    second_reward: Estimate | None
    tokens: Estimate
    ended: Estimate


class PolicyNumbers(TypedDict):
    """What a policy answers to prompts on which no step was trained.

    `helped`: whether the reward is above the reference's, its interval above zero, and no second reward fell; null
    where nothing can be told: no reward model, or too few prompts. `stopped`: why the run ended early, else empty.
    """

    prompts: int
    rows: list[PolicyBy]
    change: PolicyChange
    helped: bool | None
    stopped: str
