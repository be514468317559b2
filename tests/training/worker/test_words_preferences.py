"""The first sentence of a report on preferences says whether it helped, and claims nothing that touches chance."""

from dataclasses import replace

import pytest

from app.training.worker.estimate import Estimate
from app.training.worker.plan import Plan
from app.training.worker.report_preferences import PolicyNumbers, RankedBy, Ranking
from app.training.worker.verdict import helped, verdict_of
from app.training.worker.words_preferences import (
    policy_cautions,
    policy_sentences,
    ranking_cautions,
    ranking_sentences,
)

PLAN = Plan(base_model="tiny", method="rloo", reward_from="run 2")


def estimate(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    return {"value": value, "low": low, "high": high}


def numbers(reward: Estimate | None, second: Estimate | None = None) -> PolicyNumbers:
    one = {
        "reward": reward,
        "second_reward": second,
        "kl": estimate(0.25),
        "tokens": estimate(20),
        "ended": estimate(1),
    }
    return {
        "prompts": 40,
        "rows": [{"by": "reference", **one}, {"by": "policy", **one}],  # type: ignore[typeddict-item]
        "change": {"reward": reward, "second_reward": second, "tokens": estimate(-2, -3, -1), "ended": estimate(0)},
        "helped": helped(verdict_of(reward, second)),
        "stopped": "",
    }


@pytest.mark.parametrize(
    ("reward", "said"),
    [
        (estimate(0.8, 0.5, 1.1), "By the reward model that it followed, it helped: on 40 prompts"),
        (estimate(0.8, 0.0, 1.6), "It is not shown that it helped: on 40 prompts"),
        (estimate(-0.8, -1.1, -0.5), "It did harm: on 40 prompts"),
        (estimate(0.8), "It cannot be told whether it helped: "),
        (None, "Whether it helped cannot be told from these numbers alone: no reward model"),
    ],
)
def test_only_an_interval_above_zero_is_said_to_help(reward: Estimate | None, said: str) -> None:
    assert policy_sentences(PLAN, numbers(reward), None, {})[0].startswith(said)


def test_a_second_reward_model_that_does_not_agree_is_said_right_after() -> None:
    plan = replace(PLAN, second_reward_from="run 3")
    first, second, *_ = policy_sentences(plan, numbers(estimate(0.8, 0.5, 1.1), estimate(0.1, -0.2, 0.4)), None, {})
    assert "it helped" in first
    assert "of run 3" in second
    assert second.endswith("that cannot be told from chance, so what rose may be what the first one overrates.")
    assert not any("One reward model alone" in said for said in policy_cautions(plan, None, []))
    assert any("One reward model alone" in said for said in policy_cautions(PLAN, None, []))


def test_whether_the_same_people_taught_both_reward_models_is_said() -> None:
    both = numbers(estimate(0.8, 0.5, 1.1), estimate(0.7, 0.4, 1.0))
    told = {}
    for judges in ("unknown", "others", "shared"):
        plan = replace(PLAN, second_reward_from="run 3", second_judges=judges)
        told[judges] = policy_sentences(plan, both, None, {})[1].partition("it agrees.")[2]
        assert any("taught both reward models" in one for one in policy_cautions(plan, both, [])) == (
            judges == "shared"
        )
    assert told == {
        "unknown": "",
        "others": " Other people's comparisons taught it.",
        "shared": " Some of the same people's comparisons taught both.",
    }


UP, DOWN, EVEN, FEW = estimate(1, 0.5, 1.5), estimate(-1, -1.5, -0.5), estimate(0.1, -0.2, 0.4), estimate(0.7)


@pytest.mark.parametrize(
    ("reward", "second", "claimed", "first_said", "then_said"),
    [
        (UP, UP, True, "it helped", "it agrees."),
        (UP, DOWN, False, "It did not help", "so what rose is what the first one overrates."),
        (UP, EVEN, True, "it helped", "so what rose may be what the first one overrates."),
        (UP, FEW, True, "it helped", "too few prompts to say whether that is chance."),
        (DOWN, UP, False, "it did harm", "it rose, so the two do not agree."),
        (DOWN, DOWN, False, "It did harm", "it agrees."),
        (EVEN, UP, False, "It is not shown that it helped", "it rose, where the first one shows no change."),
        (EVEN, DOWN, False, "It is not shown that it helped", "it fell, where the first one shows no change."),
        (estimate(0, 0, 0), EVEN, False, "It is not shown that it helped", "from chance either."),
        (FEW, FEW, None, "It cannot be told", "too few prompts to say whether that is chance."),
    ],
)
def test_both_rewards_give_one_verdict(
    reward: Estimate, second: Estimate, claimed: bool | None, first_said: str, then_said: str
) -> None:
    told = numbers(reward, second)
    first, then, *_ = policy_sentences(replace(PLAN, second_reward_from="run 3"), told, None, {})
    assert told["helped"] is claimed
    assert first_said in first
    assert then.endswith(then_said)


def test_nothing_is_said_of_no_prompts_and_of_no_pairs() -> None:
    assert policy_sentences(PLAN, None, None, {})[0].startswith("There was no prompt on which no step was trained")
    assert ranking_sentences(None)[0].startswith("There was no held-out pair")


def ranking(accuracy: Estimate, better: Estimate) -> Ranking:
    by = [("model", accuracy), ("length", estimate(0.6, 0.5, 0.7))]
    rows: list[RankedBy] = [
        {"by": name, "says": "the longer response", "accuracy": each, "pairs": 80, "prompts": 40} for name, each in by
    ]
    return {
        "rows": rows, "better_than_length": better, "by_category": [], "by_strength": [], "loss_before": 0.7,
        "loss": estimate(0.5), "seen": estimate(0.9), "mistakes": [],
        "calibration": [{"low": 0.9, "high": 1.0, "expected": 0.95, "right": estimate(0.6), "pairs": 20}],
    }  # fmt: skip


def test_a_reward_model_is_held_against_a_coin_and_against_the_length() -> None:
    good = ranking_sentences(ranking(estimate(0.8, 0.7, 0.9), estimate(0.2, 0.1, 0.3)))
    poor = ranking_sentences(ranking(estimate(0.55, 0.45, 0.65), estimate(-0.05, -0.2, 0.1)))
    assert good[0].endswith("more than a coin would.")
    assert good[1].endswith("it has learned more than the length.")
    assert poor[0].endswith("do not let a policy follow this model.")
    wrong = ranking_sentences(ranking(estimate(0.3, 0.2, 0.4), estimate(-0.3, -0.4, -0.2)))
    assert wrong[0].endswith("less than a coin would, so do not let a policy follow this model.")
    assert "nothing shows that it has learned more than the length" in poor[1]
    assert ranking_cautions(ranking(estimate(0.8), estimate(0.2)), [])[0].startswith("It is too sure of itself")
