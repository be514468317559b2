"""What a reward model learned of what people prefer, in sentences: only what the numbers carry."""

from collections.abc import Sequence

from app.training.worker.estimate import Estimate
from app.training.worker.plan import POLICY, Plan
from app.training.worker.report import LeftOut, SplitNumbers
from app.training.worker.report_preferences import PolicyNumbers, RankedBy, Ranking
from app.training.worker.verdict import Verdict, Way, verdict_of, way_of
from app.training.worker.words import SMALL_TEST, few_prompts

SURE, RIGHT = 0.9, 0.75  # said as over-confident: this sure, and right less often than this
NORMAL = (
    "People agree with each other on such pairs in about 73 of 100 (Ouyang et al. 2022): no more can be expected of a "
    "model where your people differ as much."
)

AGREES = {  # what a second reward model says of the first one's change
    (Way.ROSE, Way.ROSE): "it agrees.",
    (Way.ROSE, Way.FELL): "it fell, so what rose is what the first one overrates.",
    (Way.ROSE, Way.EVEN): "that cannot be told from chance, so what rose may be what the first one overrates.",
    (Way.FELL, Way.ROSE): "it rose, so the two do not agree.",
    (Way.FELL, Way.FELL): "it agrees.",
    (Way.FELL, Way.EVEN): "that cannot be told from chance, so it does not confirm what fell.",
    (Way.EVEN, Way.ROSE): "it rose, where the first one shows no change.",
    (Way.EVEN, Way.FELL): "it fell, where the first one shows no change.",
    (Way.EVEN, Way.EVEN): "that cannot be told from chance either.",
}


TAUGHT_BY = {
    "unknown": "",
    "others": " Other people's comparisons taught it.",
    "shared": " Some of the same people's comparisons taught both.",
}


def ranking_sentences(ranking: Ranking | None) -> list[str]:
    """What it learned, most important first."""
    if ranking is None:
        return ["There was no held-out pair, so nothing can be said of how well this model knows what people prefer."]
    by = {row["by"]: row for row in ranking["rows"]}
    return [_first(by["model"], ranking), _against_length(by, ranking["better_than_length"]), _seen(ranking)]


def ranking_cautions(ranking: Ranking | None, left_out: Sequence[LeftOut]) -> list[str]:
    """What these numbers cannot say, or should not be trusted with."""
    said = []
    if ranking is not None:
        prompts = ranking["rows"][0]["prompts"]
        if prompts < SMALL_TEST:
            said.append(few_prompts(prompts, "held-out prompt", "measured"))
        sure = [one for one in ranking["calibration"] if one["low"] >= SURE and one["right"]["value"] < RIGHT]
        if sure:
            one = sure[0]
            said.append(
                f"It is too sure of itself: where it gave {_percent(one['expected'])} to a response, people had chosen "
                f"that in {_percent(one['right']['value'])} of {one['pairs']} pairs."
            )
    if left_out:
        said.append(_left_out(len(left_out), "pair"))
    return [*said, NORMAL]


def policy_sentences(
    plan: Plan, numbers: PolicyNumbers | None, ranking: Ranking | None, splits: dict[str, SplitNumbers]
) -> list[str]:
    """Whether it helped, first of all; then at what price."""
    if numbers is None:
        return ["There was no prompt on which no step was trained, so nothing can be said of whether it helped."]
    said = [_helped(plan, numbers)]
    if numbers["change"]["second_reward"]:
        said.append(_second(plan, numbers["change"]["reward"], numbers["change"]["second_reward"]))
    if ranking:
        pairs = ranking["rows"][0]
        said.append(
            f"As its own reward model it puts first what people chose in {_share(pairs['accuracy'])} of "
            f"{_count(pairs['pairs'], 'held-out pair', 'held-out pairs')}."
        )
    said += [numbers["stopped"]] if numbers["stopped"] else []
    return [*said, _price(numbers), *_forgotten(splits)]


def policy_cautions(plan: Plan, numbers: PolicyNumbers | None, left_out: Sequence[LeftOut]) -> list[str]:
    """What these numbers cannot say, or should not be trusted with."""
    said = []
    if numbers and numbers["prompts"] < SMALL_TEST:
        said.append(few_prompts(numbers["prompts"], "prompt", "answered"))
    if left_out:
        said.append(_left_out(len(left_out), "row"))
    if plan.reward_from and not plan.second_reward_from:
        said.append(
            "One reward model alone cannot show over-optimisation: a policy finds what that model overrates. Measure "
            "by a second one, trained on other people's comparisons (Gao et al. 2022)."
        )
    if plan.second_judges == "shared":
        said.append(
            "Some people's comparisons taught both reward models, so what the first overrates the second may overrate, "
            "too. Publish one half of the people for each (the rule of a dataset of preferences, whose opinions)."
        )
    return [*said, "A reward is what a model guesses that people would choose. Let people compare the answers blindly."]


def _helped(plan: Plan, numbers: PolicyNumbers) -> str:
    reward, prompts = numbers["change"]["reward"], _count(numbers["prompts"], "prompt", "prompts")
    if reward is None:
        return (
            f"Whether it helped cannot be told from these numbers alone: no reward model was given. On {prompts} that "
            "no step was trained on, let people compare its answers with those of the reference."
        )
    moved = f"on {prompts} that no step was trained on, the reward changed by {_interval(reward)}"
    by = "the reward model that it followed" if plan.method in POLICY else f"the reward model of {plan.reward_from}"
    match verdict_of(reward, numbers["change"]["second_reward"]):
        case Verdict.TOO_FEW:
            return f"It cannot be told whether it helped: {moved}, of too few prompts."
        case Verdict.NOT_SHOWN:
            return f"It is not shown that it helped: {moved}, which cannot be told from chance."
        case Verdict.OVERRATED:
            return f"It did not help: by {by} the reward rose, and by a second one it fell; {moved}."
        case Verdict.HARMED:
            return f"It did harm: {moved}."
        case Verdict.DISPUTED:
            return f"By {by}, it did harm: {moved}."
        case _:
            return f"By {by}, it helped: {moved}."


def _second(plan: Plan, first: Estimate | None, second: Estimate) -> str:
    said = f"By the second reward model, of {plan.second_reward_from}, the reward changed by {_interval(second)}"
    ways = way_of(first), way_of(second)
    says = "too few prompts to say whether that is chance." if Way.TOO_FEW in ways else AGREES[ways]
    return f"{said}: {says}{TAUGHT_BY[plan.second_judges]}"


def _price(numbers: PolicyNumbers) -> str:
    by = {row["by"]: row for row in numbers["rows"]}
    before, after, kl = by["reference"]["tokens"], by["policy"]["tokens"], by["policy"]["kl"]
    away = f"It left the reference by {_spread(kl)} nats a token; " if kl else ""
    return (
        f"{away}answers went from {before['value']:.0f} to {after['value']:.0f} tokens "
        f"({_interval(numbers['change']['tokens'])})."
    )


def _forgotten(splits: dict[str, SplitNumbers]) -> list[str]:
    if "test" not in splits:
        return []
    test = splits["test"]
    said = (
        f"On {_count(test['prompts'], 'unseen prompt', 'unseen prompts')} the loss of people's own responses went from "
        f"{test['loss_before']:.2f} to {test['loss_after']:.2f} a token ({_interval(test['change'])}): what it forgot "
        "of them, or gained."
    )
    return [said]


def _interval(estimate: Estimate) -> str:
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:+.2f}"
    return f"{estimate['value']:+.2f}, 95 % interval {estimate['low']:+.2f} to {estimate['high']:+.2f}"


def _spread(estimate: Estimate, digits: int = 2) -> str:
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:.{digits}f}"
    ends = f"95 % interval {estimate['low']:.{digits}f} to {estimate['high']:.{digits}f}"
    return f"{estimate['value']:.{digits}f} ({ends})"


def _first(model: RankedBy, ranking: Ranking) -> str:
    pairs, prompts = _count(model["pairs"], "held-out pair", "held-out pairs"), model["prompts"]
    said = (
        f"It puts first what people chose in {_share(model['accuracy'])} of {pairs} on "
        f"{_count(prompts, 'prompt', 'prompts')}"
    )
    low = model["accuracy"]["low"]
    if low is None:
        return f"{said}: too few to say whether that is chance."
    if low > 0.5:
        return f"{said}: more than a coin would."
    if (model["accuracy"]["high"] or 0) < 0.5:
        return f"{said}: less than a coin would, so do not let a policy follow this model."
    return f"{said}: that cannot be told from a coin, so do not let a policy follow this model."


def _against_length(by: dict[str, RankedBy], better: Estimate) -> str:
    points = round(100 * better["value"])
    than = f"{abs(points)} of 100 pairs {'more' if points > 0 else 'fewer'}" if points else "as many"
    said = (
        f"Who always took {by['length']['says']} would be right in {_share(by['length']['accuracy'])}; this model is "
        f"right in {than}"
    )
    if better["low"] is None or better["high"] is None:
        return f"{said}: too few prompts to say whether it has learned more than the length."
    if better["low"] > 0:
        return f"{said} ({_ends(better)}): it has learned more than the length."
    return (
        f"{said} ({_ends(better)}): nothing shows that it has learned more "
        "than the length, and a policy that follows it may learn no more either."
    )


def _seen(ranking: Ranking) -> str:
    return (
        f"On pairs that it was trained on it is right in {_share(ranking['seen'])}; the loss a held-out pair went from "
        f"{ranking['loss_before']:.3f} to {_spread(ranking['loss'], 3)}; 0.693 is a coin's."
    )


def _left_out(many: int, what: str) -> str:
    if many == 1:
        return f"1 {what} was left out, named with its reason."
    return f"{many} {what}s were left out, each named with its reason."


def _ends(estimate: Estimate) -> str:
    low, high = estimate["low"], estimate["high"]
    assert low is not None
    assert high is not None
    return f"95 % interval {100 * low:+.0f} to {100 * high:+.0f}"


def _share(estimate: Estimate) -> str:
    if estimate["low"] is None or estimate["high"] is None:
        return _percent(estimate["value"])
    interval = f"95 % interval {100 * estimate['low']:.0f} to {100 * estimate['high']:.0f}"
    return f"{_percent(estimate['value'])} ({interval})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
