"""What a person may choose of a run's plan, on the page or by the API, and how high; the rest of a plan is ours."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Invalid, Place

# The highest value of each; None where the plan itself knows the words.
CHOICES: Mapping[str, float | None] = {
    "adapter": None,
    "epochs": 100,
    "max_steps": 1_000_000,
    "learning_rate": 1,
    "batch_size": 1024,
    "max_length": 8192,
    "train_rows": 10_000_000,
    "seed": 2**31 - 1,
    "lora_rank": 256,
    "save_memory": None,
    "checkpoint_steps": 1_000_000,
    "evaluate_steps": 1_000_000,
    "measure_rows": 10_000,
    "rank_prompts": 5_000,
    "curve_seeds": 10,
    "packing": None,
    "keep": None,
    "patience": 1000,
    "beta": 10,
    "generations": 64,
    "temperature": 2,
    "max_kl": 1000,
    "max_growth": 1000,
    "test_samples": 1000,
}


def require_choices(settings: Mapping[str, Any]) -> None:
    """Invalid, naming each setting, for one that a person may not choose, or that is higher than any run needs."""
    if unknown := sorted(set(settings) - CHOICES.keys()):
        places = [Place(f"/settings/{key}", "is not a setting of a run") for key in unknown]
        raise Invalid("training.unknown_setting", "A run has no such setting.", *places)
    high = [(key, most) for key, most in CHOICES.items() if most is not None and is_above(settings.get(key), most)]
    if high:
        places = [Place(f"/settings/{key}", f"must be at most {most}") for key, most in high]
        raise Invalid("training.too_high", "A setting is higher than any run needs.", *places)


def chosen_of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run's plan, what a person may choose again."""
    return {key: plan[key] for key in CHOICES if key in plan}


def is_above(value: object, most: float) -> bool:
    """Whether a number is above the limit; what is no number is the plan's to refuse."""
    return isinstance(value, int | float) and value > most
