"""A plan is read as it was written, and a wrong one is refused by the name of its key."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.training.base_models import LISTED, facts
from app.training.worker.plan import LATER, POLICY, Plan, PlanError


@dataclass(frozen=True)
class NewerPlan(Plan):
    """The plan of a Penset to come."""

    new_trick: int = field(default=0, metadata=LATER)


FOLLOWS = {"base_model": "tiny", "method": "grpo", "reward_from": "run 2"}


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    plan = Plan(base_model="tiny", name="Erster Lauf – 'ü' 🙂", epochs=2.5, adapter="lora")
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_no_folder_of_this_machine_is_told() -> None:
    told = Plan(base_model="tiny", models_root="/home/somebody/models").told()
    assert "/home/somebody" not in str(told)
    assert told["base_model"] == "tiny"


def test_a_process_of_before_reads_a_plan_that_makes_no_use_of_what_came_later() -> None:
    plain = NewerPlan(base_model="tiny", epochs=2)
    assert Plan.from_dict(plain.as_written()) == Plan(base_model="tiny", epochs=2)
    with pytest.raises(PlanError, match="'new_trick' is not a setting"):
        Plan.from_dict(NewerPlan(base_model="tiny", new_trick=3).as_written())
    later = {"rankings": "apart", "began_at": 0.0, "second_judges": "unknown"}
    assert asdict(Plan(base_model="tiny")) == Plan(base_model="tiny").as_written() | later  # as in 0.1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "'base_model' is missing"),
        ({"base_model": "tiny", "epoch": 1}, "'epoch' is not a setting"),
        ({"base_model": 7}, "base_model must be str"),
        ({"base_model": "tiny", "epochs": "3"}, "epochs must be float"),
        ({"base_model": "tiny", "batch_size": 2.5}, "batch_size must be int"),
        ({"base_model": "tiny", "batch_size": True}, "batch_size must be int"),
        ({"base_model": "tiny", "cpu": 1}, "cpu must be bool"),
        ({"base_model": "tiny", "adapter": "dora"}, "adapter must be one of full, lora"),
        ({"base_model": "tiny", "adapter": "qlora", "method": "dpo"}, "qlora is for sft alone: choose lora for dpo"),
        ({"base_model": "tiny", "bf16": "yes"}, "bf16 must be bool or null"),
        ({"base_model": "tiny", "patience": 2}, "patience needs keep to be lowest_validation_loss"),
        ({"base_model": "tiny", "method": "ppo"}, "method must be one of sft"),
        ({"base_model": "tiny", "method": "rloo"}, "rloo needs reward_from"),
        ({"base_model": "tiny", "method": "reward", "reward_from": "run 2"}, "reward uses no reward model"),
        ({"base_model": "tiny", "method": "dpo", "second_reward_from": "run 2"}, "_from needs reward_from"),
        ({"base_model": "tiny", "method": "dpo", "packing": True}, "packing is for sft alone"),
        ({"base_model": "tiny", "method": "reward", "curve_seeds": 3}, "curve_seeds is for sft alone"),
        ({**FOLLOWS, "keep": "lowest_validation_loss"}, "keep must be last for grpo"),
        ({**FOLLOWS, "test_samples": 0}, "test_samples must be above 0 for grpo"),
        ({**FOLLOWS, "generations": 1}, "generations must be 2 or more"),
        ({**FOLLOWS, "batch_size": 10}, "batch_size must be a multiple of generations, 4, and is 10"),
        ({"base_model": "tiny", "beta": 0}, "beta must be above 0"),
        ({"base_model": "tiny", "learning_rate": 0}, "learning_rate must be above 0"),
        ({"base_model": "tiny", "learning_rate": float("nan")}, "learning_rate must be above 0"),
        ({"base_model": "tiny", "epochs": float("inf")}, "epochs must be above 0"),
        ({"base_model": "tiny", "max_steps": -1}, "max_steps must not be negative"),
        ({"base_model": "tiny", "weight_decay": float("nan")}, "weight_decay must be a finite number"),
        ({"base_model": "tiny", "seed": 2**32}, "seed must be 4294967295 at most"),
        ({"base_model": "tiny", "threads": 10**9}, "threads must be 1024 at most"),
        ({"base_model": "tiny", "max_length": 10**12}, "max_length must be 1000000000 at most"),
        ({"base_model": "tiny", "name": "half \ud83d"}, "name holds half a character"),
    ],
)
def test_a_wrong_plan_is_refused_by_the_name_of_its_key(values: dict[str, Any], named: str) -> None:
    with pytest.raises(PlanError, match=named):
        Plan.from_dict(values)


@pytest.mark.parametrize("method", ["sft", "reward", "dpo", "rloo", "grpo"])
@pytest.mark.parametrize("model", [*LISTED, "own"])
def test_what_a_base_model_begins_with_is_a_plan_of_every_method(model: str, method: str) -> None:
    asked = {"base_model": model, "method": method, "reward_from": "run 1" if method in POLICY else ""}
    Plan.from_dict(asked | facts(model).defaults_of(method))


@pytest.mark.parametrize(("text", "said"), [("{", "is not JSON"), ("[]", "one JSON object")])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(PlanError, match=said):
        Plan.read(tmp_path / "plan.json")


def test_a_missing_plan_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"no plan\.json"):
        Plan.read(tmp_path / "plan.json")
