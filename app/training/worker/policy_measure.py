"""What a policy answers, and what that is worth: the same for the reference, the base model and the policy."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.training.worker.answers import Answer, answers, sampled
from app.training.worker.as_read import asked_ids
from app.training.worker.batches import FILL, Tell, padded
from app.training.worker.chat import ChatEncoder
from app.training.worker.kept_numbers import Kept
from app.training.worker.measure import BATCH, Losses, at_rest, summed_losses
from app.training.worker.plan import Plan
from app.training.worker.prompts import Looked
from app.training.worker.rows import Row
from app.training.worker.scoring import Scorer


@dataclass(frozen=True)
class Judges:
    """The reward model that is followed, and one that is only measured by; None where a run has none."""

    first: Scorer | None
    second: Scorer | None


@dataclass(frozen=True)
class Spoken:
    """One model's answers: one a prompt as chance has it, with their rewards; greedy ones; losses of SFT rows by side.

    Rewards are empty where there is nobody to give them.
    """

    said: list[Answer]
    rewards: list[float]
    second_rewards: list[float]
    recited: list[Answer]
    losses: Losses

    def kept(self) -> Kept:
        """As it is kept in a file."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Kept) -> "Spoken":
        """As it was before it was kept."""
        said, recited = ([Answer(*answer) for answer in kept[name]] for name in ("said", "recited"))
        return cls(said, kept["rewards"], kept["second_rewards"], recited, kept["losses"])


def listen(model: Any, looked: Looked, encode: ChatEncoder, plan: Plan, judges: Judges, tell: Tell) -> Spoken:
    """All that is measured of one model."""
    with at_rest(model):
        said = sampled(
            model,
            looked.asked,
            encode,
            max_new_tokens=plan.max_new_tokens,
            temperature=plan.temperature,
            tell=tell,
        )
        recited = answers(model, looked.recited, encode, max_new_tokens=plan.max_new_tokens, tell=tell)
        losses = {side: summed_losses(model, rows, tell) for side, rows in looked.sides.items()}
    first, second = (given(judge, looked.asked, said, tell) for judge in (judges.first, judges.second))
    return Spoken(said, first, second, recited, losses)


def given(judge: Scorer | None, rows: Sequence[Row], said: Sequence[Answer], tell: Tell) -> list[float]:
    """The reward of each answer; none without a judge."""
    if judge is None:
        return []
    return judge([(row.prompt, answer.text) for row, answer in zip(rows, said, strict=True)], tell)


def kl_along(
    policy: Any, reference: Any, rows: Sequence[Row], said: Sequence[Answer], encode: ChatEncoder, tell: Tell
) -> tuple[list[float], list[int]]:
    """For each of the policy's answers the KL divergence of the next token to the reference, summed along the answer,
    in nats; and over how many tokens, the one that ends it included.
    """
    whole = [
        (asked := asked_ids(row, encode), [*asked, *answer.tokens, *([encode.stop] if answer.ended else [])])
        for row, answer in zip(rows, said, strict=True)
    ]
    sums, counts = [0.0] * len(rows), [len(ids) - len(asked) for asked, ids in whole]
    with at_rest(policy), at_rest(reference):
        for at in range(0, len(rows), BATCH):
            batch = whole[at : at + BATCH]
            ids = padded([ids for _, ids in batch], FILL, policy.device)  # (B, T)
            mask = padded([[1] * len(ids) for _, ids in batch], 0, policy.device)
            mine, its = (
                model(input_ids=ids, attention_mask=mask).logits.float().log_softmax(-1)
                for model in (policy, reference)
            )  # (B, T, V)
            by_token = (mine.exp() * (mine - its)).sum(-1)  # (B, T)
            for i, (asked, own) in enumerate(batch):
                sums[at + i] = float(by_token[i, len(asked) - 1 : len(own) - 1].sum())
            tell("Comparing with the reference", at + len(batch), len(rows))
    return sums, counts
