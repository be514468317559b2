"""How a run uses the machine that it finds: its GPU, its numbers, memory saved or not.

The attention kernel is torch's choice: `scaled_dot_product_attention` takes the fastest that the machine has for the
shapes and the mask at hand.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from app.training.worker.plan import Plan

BYTES_A_WEIGHT = 16  # in float32: the weight, its gradient, and the two moments of Adam


@dataclass(frozen=True)
class Found:
    """What a machine has. `gpu` is its name, empty where there is none or torch cannot use it; `memory` its bytes."""

    gpu: str = ""
    memory: int = 0
    bf16: bool = False


@dataclass(frozen=True)
class Use:
    """What a run does with it."""

    cpu: bool
    bf16: bool
    save_memory: bool

    @property
    def device(self) -> str:
        """As torch calls it."""
        return "cpu" if self.cpu else "cuda"


def look() -> Found:
    """What this machine has."""
    if not torch.cuda.is_available():
        return Found()
    return Found(
        gpu=torch.cuda.get_device_name(),
        memory=torch.cuda.get_device_properties(0).total_memory,
        bf16=torch.cuda.is_bf16_supported(including_emulation=False),
    )


def use_of(plan: Plan, found: Found, parameters: int) -> Use:
    """What the plan says, and where it leaves the choice, what this machine does best.

    Without a GPU: float32, since few processors compute in bfloat16. With one: bfloat16 where it has it, gradient
    checkpointing where weights and optimiser alone take more than half of its memory.
    """
    on_gpu = bool(found.gpu) and not plan.cpu
    bf16 = plan.bf16 if plan.bf16 is not None else on_gpu and found.bf16
    large = plan.adapter == "full" and 2 * BYTES_A_WEIGHT * parameters > found.memory
    return Use(
        cpu=not on_gpu,
        bf16=bf16,
        save_memory=plan.save_memory if plan.save_memory is not None else on_gpu and large,
    )


def weights_in(folder: Path) -> int:
    """About how many weights a model's folder holds: two bytes each, as most are stored."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors")) // 2


def said(use: Use, found: Found, attention: str, adapter: str = "") -> str:
    """The same for people; `attention`: how the model computes it, `adapter`: the plan's."""
    return ", ".join(
        [
            "CPU" if use.cpu else found.gpu,
            "bfloat16" if use.bf16 else "float32",
            f"attention by {attention}",
            *(["base model in 4 bits"] if adapter == "qlora" else []),
            *(["gradient checkpointing"] if use.save_memory else []),
        ]
    )
