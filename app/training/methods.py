"""Which ways of training are there, what does each learn from, and which runs may it be made from? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.datasets.models import DatasetKind

MethodName = Literal["sft", "reward", "dpo", "rloo", "grpo"]
EITHER = (DatasetKind.RESPONSES, DatasetKind.PREFERENCES)
HOLD = {DatasetKind.RESPONSES: "responses that people wrote", DatasetKind.PREFERENCES: "pairs that people compared"}


@dataclass(frozen=True)
class Method:
    """One way. `learns_from`: kinds of dataset. `rewards`: whether a reward model leads it, only measures, or neither.

    `loss`: what its loss is, and so what it may be held against; empty where losses of two runs say nothing of each
    other.
    """

    name: MethodName
    label: str
    sentence: str
    learns_from: tuple[DatasetKind, ...]
    loss: str
    rewards: Literal["", "measures", "leads"] = ""

    @property
    def speaks(self) -> bool:
        """Whether what it leaves answers prompts: another run can begin from it, and people can ask it."""
        return self.name != "reward"

    @property
    def takes(self) -> str:
        """What it learns from, in words."""
        return " or ".join(HOLD[kind] for kind in self.learns_from)


METHODS: Mapping[str, Method] = {
    one.name: one
    for one in (
        Method(
            "sft",
            "Supervised fine-tuning",
            "It learns to write what people wrote.",
            (DatasetKind.RESPONSES,),
            "nats a response token",
        ),
        Method(
            "reward",
            "Reward model",
            "It learns to say which of two responses people prefer. It answers nothing itself.",
            (DatasetKind.PREFERENCES,),
            "nats a pair",
        ),
        Method(
            "dpo",
            "DPO",
            "The simple way: the model itself learns from the pairs, without a reward model (Rafailov et al., 2023).",
            (DatasetKind.PREFERENCES,),
            "nats a pair, against the reference",
            rewards="measures",
        ),
        Method(
            "rloo",
            "RLOO",
            "The model answers prompts several times and learns from what a reward model says of each answer, held "
            "against the others (Ahmadian et al., 2024).",
            EITHER,
            "",
            rewards="leads",
        ),
        Method(
            "grpo",
            "GRPO",
            "As RLOO, with rewards measured in units of how far the answers to one prompt lie apart (Shao et al., "
            "2024).",
            EITHER,
            "",
            rewards="leads",
        ),
    )
}


def methods_for(kind: DatasetKind) -> list[Method]:
    """The ways that learn from versions of this kind, the plain one first."""
    return [one for one in METHODS.values() if kind in one.learns_from]
