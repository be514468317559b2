"""How much memory does a run take? By a formula from its plan, its base model and the length of its rows. Pure.

Weights: of each that learns the weight, its gradient and both moments of Adam, 16 bytes in float32 (S. Rajbhandari et
al., *ZeRO*, 2020, arXiv 1910.02054, section 3.1, counts as many with mixed precision). Activations: what goes in and
out of each linear map is kept for the way back, for each token (V. Korthikanti et al., *Reducing Activation
Recomputation in Large Transformer Models*, 2022, arXiv 2205.05198, section 4.1, without the part that attention by
blocks spares). NORMS, LOGITS and LIBRARIES were fitted to runs of this worker: docs/train.md has them.
"""

import math
from dataclasses import dataclass

from app.training.methods import METHODS
from app.training.worker.plan import POLICY, Plan
from app.training.worker.shape import Shape

NUMBER = 4  # bytes in float32
LEARNS = 3 * NUMBER  # beside the weight itself: its gradient, and two moments
NORMS = 1.25  # what norms and the activation function keep beside the linear maps
LOGITS = 9  # copies of a step's logits at once: the loss, its gradient, and what is told of each step
FOUR_BITS = (4 + 0.127) / 8  # bytes, with the constants (Dettmers et al., *QLoRA*, 2023, arXiv 2305.14314, section 3)
LIBRARIES = 600_000_000  # an interpreter with torch, transformers and TRL on a processor
SIDES = {"reward": 2, "dpo": 2}  # rows that a pair is


@dataclass(frozen=True)
class Needs:
    """Bytes of a run at most, by what they are for. `tokens`: of the rows that lie in memory in one step."""

    weights: int
    others: int
    step: int
    libraries: int
    tokens: int

    @property
    def total(self) -> int:
        """Of all of it."""
        return self.weights + self.others + self.step + self.libraries


def needs_of(plan: Plan, shape: Shape, longest: int) -> Needs:
    """What a run takes whose longest row has so many tokens, as it is computed on a processor, in float32."""
    tokens = tokens_a_step(plan, longest)
    learning = shape.weights if plan.adapter == "full" else plan.lora_rank * shape.through
    added = 0 if plan.adapter == "full" else NUMBER * learning
    return Needs(
        weights=held(plan, shape) + added + LEARNS * learning,
        others=NUMBER * shape.weights * models_beside(plan),
        step=round(tokens * (activations(plan, shape) + NUMBER * LOGITS * logits(plan, shape))),
        libraries=LIBRARIES,
        tokens=tokens,
    )


def held(plan: Plan, shape: Shape) -> int:
    """Bytes of the weights themselves: in 4 bits where an adapter wants it so, but for the matrices of the vocabulary:
    what looks words up is no linear map, and what tells the next one is kept whole by transformers."""
    if plan.adapter != "qlora":
        return NUMBER * shape.weights
    whole = shape.words or shape.vocabulary * shape.width
    return NUMBER * whole + round(FOUR_BITS * (shape.weights - whole))


def tokens_a_step(plan: Plan, longest: int) -> int:
    """Of all rows of a step, each filled up to the longest."""
    if plan.packing:
        return plan.batch_size * plan.max_length
    if plan.method in POLICY:
        return plan.batch_size * (longest + plan.max_new_tokens)
    return plan.batch_size * SIDES.get(plan.method, 1) * longest


def activations(plan: Plan, shape: Shape) -> float:
    """Bytes that a token leaves in the layers; with gradient checkpointing what goes into each, and one layer's."""
    whole = NUMBER * NORMS * shape.through
    if plan.save_memory:
        return NUMBER * shape.width * shape.layers + whole / shape.layers
    return whole


def logits(plan: Plan, shape: Shape) -> int:
    """How many numbers a token's logits are: a reward model has one."""
    return 1 if plan.method == "reward" else shape.vocabulary


def models_beside(plan: Plan) -> int:
    """Models that lie in memory beside the one that learns: the reference, unless an adapter is put aside for it, and
    reward models."""
    reference = plan.adapter == "full" and (plan.method == "dpo" or METHODS[plan.method].rewards == "leads")
    return int(reference) + bool(plan.reward_from) + bool(plan.second_reward_from)


def steps_of(plan: Plan, rows: int) -> int:
    """How many steps a run on so many training rows takes, as far as none of them is left out."""
    rows = min(rows, plan.train_rows or rows)
    if plan.max_steps:
        return plan.max_steps
    if plan.method in POLICY:
        return math.ceil(rows * plan.epochs / (plan.batch_size // plan.generations))
    return math.ceil(math.ceil(rows / plan.batch_size) * plan.epochs)
