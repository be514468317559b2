"""What a run is asked to do: `plan.json`, read and written without torch."""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

ABOVE_ZERO = (
    "epochs", "learning_rate", "batch_size", "max_length", "lora_rank", "lora_alpha", "max_new_tokens", "beta",
    "generations", "temperature",
)  # fmt: skip
HIGHEST = 10**9
MOST: Mapping[str, int] = {"seed": 2**32 - 1, "threads": 1024}  # what numpy takes, and what no machine has
POLICY = ("rloo", "grpo")  # methods that follow a reward model
LEAST_GENERATIONS = 2
# `field(metadata=LATER)`: a setting that came after release 0.1. Its default is what was done before.
LATER: Mapping[str, Any] = {"later": True}


class PlanError(ValueError):
    """A plan that cannot be carried out. Its message names the key."""


@dataclass(frozen=True)
class Plan:
    """The settings of one run, all of them. Nothing else steers the worker.

    Lengths are in tokens, rates per optimiser step, counts in rows; 0 means "no limit" where a comment says so.
    """

    base_model: str  # a name that `app.training.base_models.resolve` knows
    models_root: str = ""  # the folder of fetched models; empty: only the shipped one
    name: str = ""  # what people call the run; copied into the report
    dataset: str = ""  # which version it trains on, in words; copied into the report
    dataset_hash: str = ""  # the version's content hash; copied into the report
    method: Literal["sft", "reward", "dpo", "rloo", "grpo"] = "sft"
    begins_from: str = ""  # the run whose model lies in `base/`, in words; empty: it begins from the base model
    began_at: float = field(default=0.0, metadata=LATER)  # sft: epochs of the runs that it goes on from
    reward_from: str = ""  # the run whose reward model lies in `reward/`, in words: rloo and grpo follow it
    second_reward_from: str = ""  # likewise in `second_reward/`: only measured by, never followed
    # whether people whose comparisons taught the first reward model taught the second one, too
    second_judges: Literal["unknown", "others", "shared"] = field(default="unknown", metadata=LATER)
    adapter: Literal["full", "lora", "qlora"] = "full"
    seed: int = 0
    epochs: float = 3.0
    max_steps: int = 0  # 0: as many as `epochs` takes
    train_rows: int = 0  # train on so many, drawn by seed; 0: on all
    learning_rate: float = 1e-4
    batch_size: int = 8
    warmup_steps: int = 5
    weight_decay: float = 0.0
    max_length: int = 512  # a longer row is left out and named, never cut
    packing: bool = False  # short rows share a sequence of max_length tokens, and none of them sees another
    keep: Literal["last", "lowest_validation_loss"] = "last"  # which model the run leaves
    patience: int = 0  # end after so many measurements without a lower validation loss; 0: never
    lora_rank: int = 16
    lora_alpha: int = 32
    bf16: bool | None = None  # null: where the machine's GPU computes in it
    save_memory: bool | None = None  # gradient checkpointing; null: where the GPU is small for the model
    cpu: bool = False  # true: not even where there is a GPU
    threads: int = 0  # 0: torch decides
    checkpoint_steps: int = 0  # 0: once an epoch
    evaluate_steps: int = 0  # validation loss after so many steps; 0: once an epoch
    measure_rows: int = 64  # at most so many rows of train, and of test, are measured; 0: all
    rank_prompts: int = 200  # at most so many open prompts are put in the order to be answered in; 0: none
    curve_seeds: int = 0  # so often the run is repeated on a quarter, a half and all of its rows; 0: never
    test_samples: int = 20  # prompts never seen that are answered before and after, shown side by side
    train_samples: int = 20  # prompts of training rows: how much of their responses comes back word for word
    max_new_tokens: int = 64  # of an answer; for rloo and grpo also of what they learn from
    beta: float = 0.1  # how much it costs to leave the reference: dpo's beta, the KL coefficient of rloo and grpo
    rankings: Literal["together", "apart"] = field(default="apart", metadata=LATER)  # reward: pairs of one in one step
    generations: int = 4  # rloo and grpo: responses to each prompt of a step; batch_size counts responses
    temperature: float = 1.0  # rloo and grpo: of those responses
    max_kl: float = 1.0  # rloo and grpo end above this KL to the reference, in nats a response token; 0: never
    max_growth: float = 3.0  # rloo and grpo end when responses are this many times longer than at first; 0: never

    def __post_init__(self) -> None:
        """Refuse values that no run can use."""
        for one in fields(self):
            _check_kind(one.name, getattr(self, one.name), get_type_hints(type(self))[one.name])
        for key in ABOVE_ZERO:
            if not 0 < getattr(self, key) < math.inf:
                raise PlanError(f"plan.json: {key} must be above 0, and is {getattr(self, key)}.")
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int | float):
                _check_number(one.name, value)
        if self.patience and self.keep == "last":  # what ends early has walked on past its lowest loss
            raise PlanError("plan.json: patience needs keep to be lowest_validation_loss.")
        _check_method(self)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The plan in this file. PlanError, naming the key, for a key that is unknown, missing or wrong."""
        try:
            values = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise PlanError(f"There is no {path.name} in the run's folder.") from None
        except ValueError as problem:
            raise PlanError(f"{path.name} is not JSON: {problem}.") from problem
        if not isinstance(values, dict):
            raise PlanError(f"{path.name} must hold one JSON object.")
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The plan of these settings; errors as `read`."""
        known = {one.name: one for one in fields(cls)}
        for key in values:
            if key not in known:
                raise PlanError(f"plan.json: {key!r} is not a setting of a run.")
        for key, one in known.items():
            if one.default is MISSING and key not in values:
                raise PlanError(f"plan.json: {key!r} is missing.")
        return cls(**values)

    def told(self) -> dict[str, Any]:
        """Every setting by its key, as reports and cards tell them: without the folder of one machine."""
        return {key: value for key, value in asdict(self).items() if key != "models_root"}

    def as_written(self) -> dict[str, Any]:
        """Every setting by its key; one that came LATER only where it is not at its default, so that a process of
        before, which would refuse the key, reads each plan that does not make use of it."""
        return {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) != one.default or "later" not in one.metadata
        }

    def write(self, path: Path) -> None:
        """Write the plan, whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.as_written(), indent=2, ensure_ascii=False) + "\n", "utf-8")
        part.replace(path)


def _check_method(plan: Plan) -> None:
    """What one method needs and another cannot use."""
    if plan.method != "sft":
        _check_second_step(plan)
    if plan.method == "sft" and plan.begins_from and plan.curve_seeds:
        raise PlanError(
            f"plan.json: curve_seeds must be 0 where a run goes on from {plan.begins_from}: that has seen rows already."
        )
    if plan.method in ("sft", "reward") and (plan.reward_from or plan.second_reward_from):
        raise PlanError(f"plan.json: {plan.method} uses no reward model: leave reward_from empty, and the second.")
    if plan.second_reward_from and not plan.reward_from:
        raise PlanError("plan.json: second_reward_from needs reward_from: name the first reward model there.")
    if plan.method in POLICY:
        _check_policy(plan)


def _check_second_step(plan: Plan) -> None:
    if plan.packing:
        raise PlanError("plan.json: packing is for sft alone.")
    if plan.adapter == "qlora":
        raise PlanError(f"plan.json: adapter qlora is for sft alone: choose lora for {plan.method}.")
    if plan.curve_seeds:
        raise PlanError("plan.json: curve_seeds is for sft alone: set it to 0.")
    if plan.method != "reward" and not plan.test_samples:
        raise PlanError(
            f"plan.json: test_samples must be above 0 for {plan.method}: whether it helped is seen in what it answers."
        )


def _check_policy(plan: Plan) -> None:
    if not plan.reward_from:
        raise PlanError(f"plan.json: {plan.method} needs reward_from: the reward model that it follows.")
    if plan.keep != "last":
        raise PlanError(f"plan.json: keep must be last for {plan.method}: it has no validation loss.")
    if plan.generations < LEAST_GENERATIONS:
        raise PlanError("plan.json: generations must be 2 or more: a response is held against others to its prompt.")
    if plan.batch_size % plan.generations:
        raise PlanError(
            f"plan.json: batch_size must be a multiple of generations, {plan.generations}, and is {plan.batch_size}."
        )


def _check_number(key: str, value: float) -> None:
    if not math.isfinite(value):
        raise PlanError(f"plan.json: {key} must be a finite number, and is {value}.")
    if value < 0:
        raise PlanError(f"plan.json: {key} must not be negative, and is {value}.")
    if value > (most := MOST.get(key, HIGHEST)):
        raise PlanError(f"plan.json: {key} must be {most} at most, and is {value}.")


def _check_kind(key: str, value: object, hint: Any) -> None:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise PlanError(f"plan.json: {key} must be one of {', '.join(get_args(hint))}, and is {value!r}.")
        return
    kinds = get_args(hint) or (hint,)
    accepted = (int, float) if hint is float else kinds
    if type(value) not in accepted:
        words = " or ".join("null" if kind is NoneType else kind.__name__ for kind in kinds)
        raise PlanError(f"plan.json: {key} must be {words}, and is {value!r}.")
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise PlanError(f"plan.json: {key} holds half a character, and is {value!r}.")
