"""What a run learned, in sentences: only what the numbers carry, and what they cannot say."""

from collections.abc import Mapping, Sequence

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.report import (
    UNSEEN,
    BaseModelFacts,
    CategoryNumbers,
    FileNumbers,
    Kept,
    LeftOut,
    NearDuplicate,
    Sample,
    SplitNumbers,
)

WHAT = {
    "test": "that it never saw",
    "test_writers": "answered by people from whom it never learned",
    "test_categories": "of kinds from which it never learned",
}
FURTHER = {"test_writers": "of other people", "test_categories": "of unfamiliar kinds"}
COUNTED = {  # which prompts of a side are counted where they are few, before and after "was"
    "test": ("unseen prompt", "measured"),
    "test_writers": ("prompt", "answered by other people"),
    "test_categories": ("prompt", "of unfamiliar kinds"),
}
NAMED = 10  # rows of a refusal, or left out, in a sentence; the report holds all
FOUR_BITS = (
    "The base model lay in 4 bits (NF4) while it learned, and before and after were measured so: the base model as it "
    "is published may do a little better than the one of before. The model that is stored is what was measured, out of "
    "its 4 bits and rounded once."
)
SMALL_TEST = 30  # prompts under which an interval is narrower than it should be: docs/report.md tells by how much


def sentences(
    base: BaseModelFacts,
    splits: dict[str, SplitNumbers],
    gaps: Mapping[str, Estimate],
    categories: list[CategoryNumbers],
    samples: list[Sample],
) -> list[str]:
    """What it learned, most important first."""
    said = [_unseen(side, splits[side]) for side in UNSEEN if side in splits]
    if "test" in gaps:
        said.append(_gap(gaps["test"], splits))
    said += [_far(side, gaps[side]) for side in FURTHER if side in gaps]
    if samples:
        said.append(_ended(samples))
    if base["knows_nothing"]:
        said.append(
            "This model is far too small to know anything: what it learned is the form that people's responses have, "
            "not the facts in them. Expect answers that look right and are wrong."
        )
    elif not base["pretrained_only"]:
        said.append(base["sentence"])
    return said + _categories(categories)


def refusal(contaminated: Sequence[NearDuplicate]) -> str:
    """Why nothing is told of prompts never seen, which rows are behind that, and what to do."""
    named = [f"{one['id']} is like {one['train_id']} ({one['percent']} %)" for one in contaminated[:NAMED]]
    more = f", and {len(contaminated) - NAMED} more" if len(contaminated) > NAMED else ""
    return (
        f"This report refuses to say what carries over: {_count(len(contaminated), 'test row asks', 'test rows ask')} "
        f"nearly what a training row asks, so they were not unseen: {', '.join(named)}{more}. Publish the version "
        "again, which keeps prompts that are much alike in one split, or take those rows out of one of the files, and "
        "start a new run."
    )


def choice(kept: Kept) -> str:
    """That the model was chosen by loss, from what, and what that does not say."""
    now, last = kept["validation_loss"], kept["last_validation_loss"]
    return (
        f"This is the model of step {kept['step']}, where the validation loss was lowest ({now:.2f}), as the run was "
        f"told to keep it; at the last step, {kept['last_step']}, it was {last:.2f}. The choice is by loss alone: "
        "InstructGPT overfitted by this loss after one epoch while people went on preferring the later ones (Ouyang et "
        "al. 2022), so let people compare it with a run that keeps its last model."
    )


def went_on(begins_from: str) -> str:
    """That a run went on from another's model, and against what it is held."""
    return (
        f"It went on from the model of {begins_from}. Before is the base model itself, and what {begins_from} and the "
        "runs before it were trained on counts as seen."
    )


def missing(left_out: Sequence[LeftOut]) -> str:
    """How many rows take no part in a run, which, and why: each reason once."""
    alike: dict[tuple[str, str], list[str]] = {}
    for row in left_out[:NAMED]:
        alike.setdefault((row["split"], row["reason"].rstrip(".")), []).append(row["id"])
    named = [f"{', '.join(ids)} of {split} ({reason})" for (split, reason), ids in alike.items()]
    more = f", and {len(left_out) - NAMED} more, which the report names" if len(left_out) > NAMED else ""
    return f"{_count(len(left_out), 'row is', 'rows are')} left out: {', '.join(named)}{more}."


def cautions(
    base: BaseModelFacts,
    splits: dict[str, SplitNumbers],
    files: dict[str, FileNumbers],
    left_out: list[LeftOut],
    *,
    refused: bool = False,
) -> list[str]:
    """What these numbers cannot say, or should not be trusted with."""
    said = []
    if "test" not in splits and not refused:
        said.append("There was no test row, so nothing can be said of prompts that the model never saw.")
    counts = {} if refused else {side: splits[side]["prompts"] for side in UNSEEN if side in splits}
    said += [few_prompts(count, *COUNTED[side]) for side, count in counts.items() if count < SMALL_TEST]
    if left_out:
        said.append(f"{_count(len(left_out), 'row was', 'rows were')} left out, each named with its reason.")
    if not files["validation"]["used"]:
        said.append("There was no validation row, so nothing shows at which epoch the model was best.")
    if not base["knows_nothing"]:
        said.append(
            "Public texts may have been in what this model was pretrained on: unseen means unseen by this run only."
        )
    said.append(
        "A lower loss means that human responses surprise the model less. It does not measure whether an answer is "
        "true or helpful: InstructGPT overfitted by this loss after one epoch while people went on preferring the "
        "later ones (Ouyang et al. 2022). Read the answers below, and let people compare them."
    )
    return said


def few_prompts(prompts: int, one: str, done: str) -> str:
    """What so few prompts, fewer than SMALL_TEST, leave open."""
    only = f"Only {_count(prompts, f'{one} was', f'{one}s were')} {done}"
    if prompts < FEW:
        return f"{only}: too few for an interval, so nothing there can be told from chance."
    return (
        f"{only}: the intervals are wide, and should be wider. Of so few prompts about 79 to 93 of 100 such intervals "
        "hold the truth, not 95."
    )


def _unseen(side: str, test: SplitNumbers) -> str:
    moved = (
        f"On {_count(test['prompts'], 'prompt', 'prompts')} {WHAT[side]}, the loss a response token went from "
        f"{test['loss_before']:.2f} to {test['loss_after']:.2f} ({_interval(test['change'])})"
    )
    low, high = test["change"]["low"], test["change"]["high"]
    if low is None or high is None:
        return f"{moved}: too few prompts to say whether that is chance."
    if high < 0:
        return f"{moved}: what it was taught carries over to them."
    if low > 0:
        return f"{moved}: it does worse there than before."
    return f"{moved}: no change that can be told from chance."


def _gap(gap: Estimate, splits: dict[str, SplitNumbers]) -> str:
    seen, unseen = splits["train"]["change"]["value"], splits["test"]["change"]["value"]
    sides = f"The loss changed by {seen:+.2f} on prompts that it was trained on and by {unseen:+.2f} on unseen ones"
    if gap["low"] is None or gap["high"] is None:
        return f"{sides}; with fewer than {FEW} prompts on a side, the overfitting gap cannot be told from chance."
    gap_said = f"{sides}: an overfitting gap of {_interval(gap)}."
    if gap["low"] > 0:
        return f"{gap_said} That part it memorised rather than learned."
    return f"{gap_said} No overfitting can be told from chance with this many prompts."


def _far(side: str, gap: Estimate) -> str:
    gap_said = f"Against rows that it saw, the gap to those {FURTHER[side]} changed by {_interval(gap)}"
    if gap["low"] is None or gap["high"] is None:
        return f"{gap_said}: too few prompts to say whether that is chance."
    if gap["low"] > 0:
        return f"{gap_said}: so much of what it gained stays behind there."
    return f"{gap_said}: nothing that can be told from chance stays behind there."


def _ended(samples: list[Sample]) -> str:
    before = sum(sample["before_ended"] for sample in samples)
    after = sum(sample["after_ended"] for sample in samples)
    return (
        f"Of {_count(len(samples), 'sample answer', 'sample answers')}, it ended {before} by itself before and {after} "
        "after; the others were cut at the length limit."
    )


def _categories(categories: list[CategoryNumbers]) -> list[str]:
    enough = [category for category in categories if not category["few"]]
    if len(enough) < 2:
        return []
    worst = max(enough, key=lambda category: category["loss_after"])
    said = (
        f"Of the categories with at least {FEW} unseen prompts, {worst['category']} is the one whose human responses "
        f"still surprise it most ({worst['loss_after']:.2f} a token)."
    )
    return [said]


def _interval(estimate: Estimate) -> str:
    if estimate["low"] is None:
        return f"{estimate['value']:+.2f}"
    return f"{estimate['value']:+.2f}, 95 % interval {estimate['low']:+.2f} to {estimate['high']:+.2f}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
