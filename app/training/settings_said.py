"""What was a run asked to do? Its plan as names and values for people."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.training.methods import METHODS, Method
from app.training.worker.plan import Plan, PlanError

Settings = dict[str, str]
NUMBERS = {None: "as the machine computes best", True: "bfloat16", False: "float32"}
SAVES = {None: "where the machine is small", True: "yes", False: "no"}
A_STEP = {"sft": "Rows a step", "reward": "Pairs a step", "dpo": "Pairs a step"}
RANKINGS = {"together": "in one step where they fit", "apart": "as any others"}
LOSS_ON = {
    "sft": "the response only",
    "reward": "which of two responses is chosen (Bradley–Terry)",
    "dpo": "which of two responses is chosen, against the model it began from",
}


def stored_settings_said(stored: Mapping[str, Any]) -> Settings:
    """The same of a stored plan. What only a newer Penset knows stands there as it is stored."""
    known = {field.name for field in fields(Plan)}
    try:
        own = settings_said(Plan.from_dict({key: value for key, value in stored.items() if key in known}))
    except PlanError:  # a value that this Penset does not know
        return {key: str(value) for key, value in stored.items()}
    return own | {key: str(value) for key, value in stored.items() if key not in known}


def settings_said(plan: Plan) -> Settings:
    """The settings that change what is learned, in the order in which people ask for them."""
    method = METHODS[plan.method]
    led = method.rewards == "leads"
    return {
        "Method": method.label,
        "Base model": plan.base_model,
        **_made_from(plan, method),
        "What learns": _what_learns(plan),
        "Learning rate": f"{plan.learning_rate:g}",
        "Epochs": f"{plan.epochs:g}",
        "Steps at most": f"{plan.max_steps:,}" if plan.max_steps else "as many as the epochs take",
        A_STEP.get(plan.method, "Answers a step"): f"{plan.batch_size:,}",
        "Rows at most": f"{plan.train_rows:,}" if plan.train_rows else "all",
        "Longest row": f"{plan.max_length:,} tokens",
        **({"Pairs of one ranking": RANKINGS[plan.rankings]} if plan.method == "reward" else {}),
        **(_of_policy(plan) if led else _by_validation(plan)),
        **({"Beta": f"{plan.beta:g}"} if plan.method == "dpo" else {}),
        "Warm-up": f"{plan.warmup_steps:,} steps",
        "Weight decay": f"{plan.weight_decay:g}",
        "Numbers": NUMBERS[plan.bf16],
        "Saves memory": SAVES[plan.save_memory],
        "Saves a checkpoint": every(plan.checkpoint_steps),
        "Loss on": LOSS_ON.get(plan.method, "answers, by their reward"),
        "Seed": str(plan.seed),
    }


def every(steps: int) -> str:
    """How often something is done."""
    return f"every {steps:,} steps" if steps else "at each epoch's end"


def _what_learns(plan: Plan) -> str:
    if plan.adapter == "full":
        return "all weights"
    base = ", the base model in 4 bits" if plan.adapter == "qlora" else ""
    return f"LoRA, rank {plan.lora_rank}, alpha {plan.lora_alpha}{base}"


def _made_from(plan: Plan, method: Method) -> Settings:
    """The models of other runs."""
    said = {"Begins from": plan.begins_from or "the base model"}
    if method.rewards:
        said["Reward model"] = plan.reward_from or "none"
        said["Second reward model"] = plan.second_reward_from or "none"
    return said


def _by_validation(plan: Plan) -> Settings:
    """What can be done by a validation loss, and how rows lie in a step."""
    packed = "short rows share a sequence" if plan.packing else "a row a sequence"
    return {
        **({"Packing": packed} if plan.method == "sft" else {}),
        "Measures validation": every(plan.evaluate_steps),
        "Keeps": "the last model" if plan.keep == "last" else "the model of the lowest validation loss",
        "Ends early": f"after {plan.patience:,} measurements without a lower loss" if plan.patience else "no",
    }


def _of_policy(plan: Plan) -> Settings:
    """How answers are drawn, what leaving the reference costs, and when the run ends by itself."""
    kl, growth = plan.max_kl, plan.max_growth
    return {
        "Answers to each prompt": f"{plan.generations:,}",
        "Temperature": f"{plan.temperature:g}",
        "Cost of leaving the reference": f"{plan.beta:g} of reward for each nat of KL",
        "Ends above a KL of": f"{kl:g} nats a response token" if kl else "no limit",
        "Ends when answers grow": f"{growth:g} times longer than at first" if growth else "no limit",
    }
