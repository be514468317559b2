"""TRL's trainers on token ids that are ours: DPO, RLOO and GRPO would encode texts by themselves, and make a control
token of what a person typed (SECURITY.md S86).

Each is a subclass of one hook, since none takes encoded rows as `SFTTrainer` and `RewardTrainer` do; a test looks at
the ids that arrive in a step. The prompts that RLOO and GRPO carry around are numbers of rows: no text passes there.
"""

from typing import Any

from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer


class DPOOnIds(DPOTrainer):  # type: ignore[misc]
    """Rows are `prompt_ids`, `chosen_ids` and `rejected_ids`."""

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        """They are ready."""
        return dataset


class Numbered:
    """A row's `prompt` is its number, in words; `asked` holds the ids of each."""

    asked: list[list[int]]

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        """The ids of these prompts; neither images nor other fields."""
        return [self.asked[int(number)] for number in prompts], None, {}


class RLOOOnIds(Numbered, RLOOTrainer):  # type: ignore[misc]
    """RLOO, of A. Ahmadian et al., *Back to Basics* (2024, arXiv 2402.14740)."""


class GRPOOnIds(Numbered, GRPOTrainer):  # type: ignore[misc]
    """GRPO, of Z. Shao et al., *DeepSeekMath* (2024, arXiv 2402.03300)."""
