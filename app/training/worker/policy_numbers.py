"""From what a policy, its reference and the base model said to the numbers of a report. Pure."""

from collections.abc import Callable, Sequence

import numpy as np

from app.training.worker.answers import Answer
from app.training.worker.estimate import Estimate
from app.training.worker.judged import Lengths, judge
from app.training.worker.policy_measure import Spoken
from app.training.worker.prompts import Looked
from app.training.worker.report import Sample
from app.training.worker.report_preferences import PolicyBy, PolicyChange, PolicyNumbers
from app.training.worker.rows import Row
from app.training.worker.shares import change_of, share
from app.training.worker.statistics import mean_of, ratio
from app.training.worker.verdict import helped, verdict_of

AT_REST: Estimate = {"value": 0.0, "low": 0.0, "high": 0.0}  # the reference to itself
Kl = tuple[Sequence[float], Sequence[int]]


def policy_numbers(
    base: Spoken | None, reference: Spoken, policy: Spoken, kl: Kl, stopped: str
) -> PolicyNumbers | None:
    """None where no prompt was asked. `base`: where the reference is another model; `kl`: sums and tokens by answer."""
    if not policy.said:
        return None
    sums, tokens = (np.asarray(part, dtype=float) for part in kl)
    rows = [by("base", base, None)] if base else []
    rows += [by("reference", reference, AT_REST), by("policy", policy, ratio(sums, tokens))]
    change: PolicyChange = {
        "reward": _change(reference.rewards, policy.rewards),
        "second_reward": _change(reference.second_rewards, policy.second_rewards),
        "tokens": change_of(_lengths(reference), _lengths(policy)),
        "ended": change_of(_ended(reference), _ended(policy)),
    }
    return {
        "prompts": len(policy.said),
        "rows": rows,
        "change": change,
        "helped": helped(verdict_of(change["reward"], change["second_reward"])),
        "stopped": stopped,
    }


def by(name: str, spoken: Spoken, kl: Estimate | None) -> PolicyBy:
    """One model's answers in numbers."""
    return {
        "by": name,
        "reward": mean_of(spoken.rewards) if spoken.rewards else None,
        "second_reward": mean_of(spoken.second_rewards) if spoken.second_rewards else None,
        "kl": kl,
        "tokens": mean_of(_lengths(spoken)),
        "ended": share(_ended(spoken)),
    }


def samples(
    looked: Looked,
    base: Spoken | None,
    reference: Spoken,
    policy: Spoken,
    people: dict[str, list[float]],
    usual: Lengths,
) -> list[Sample]:
    """Every prompt that was asked, then those of SFT rows. `people`: rewards of the rows' own responses, by judge."""

    def reward_of(kind: str, place: int) -> dict[str, float]:
        by_who = {"before": getattr(reference, kind), "after": getattr(policy, kind), "human": people.get(kind, [])}
        return {who: numbers[place] for who, numbers in by_who.items() if numbers}

    asked = [
        _sample(row, base.said[i] if base else None, reference.said[i], policy.said[i], usual)
        | {"rewards": reward_of("rewards", i), "second_rewards": reward_of("second_rewards", i)}
        for i, row in enumerate(looked.asked)
    ]
    recited = zip(looked.recited, reference.recited, policy.recited, strict=True)
    return [*asked, *(_sample(row, None, first, second, usual) for row, first, second in recited)]


def _sample(row: Row, base: Answer | None, before: Answer, after: Answer, usual: Lengths) -> Sample:
    return {
        "split": row.split,
        "id": row.id,
        "prompt_id": row.prompt_id,
        "category": row.category,
        "messages": row.prompt,
        "human": row.response,
        "before": before.text,
        "before_ended": before.ended,
        "after": after.text,
        "after_ended": after.ended,
        "judged": {
            "before": judge(row, before.text, before.tokens, ended=before.ended, usual=usual),
            "after": judge(row, after.text, after.tokens, ended=after.ended, usual=usual),
            "human": judge(row, row.response, row.spoken, ended=True, usual=usual),
        },
        "base": base.text if base else "",
        "rewards": {},
        "second_rewards": {},
    }


def _change(before: Sequence[float], after: Sequence[float]) -> Estimate | None:
    return change_of(before, after) if after else None


def _lengths(spoken: Spoken) -> list[float]:
    return _of(spoken, lambda answer: len(answer.tokens))


def _ended(spoken: Spoken) -> list[float]:
    return _of(spoken, lambda answer: answer.ended)


def _of(spoken: Spoken, number: Callable[[Answer], float]) -> list[float]:
    return [float(number(answer)) for answer in spoken.said]
