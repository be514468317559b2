"""Sentences say what the numbers carry, and no more."""

import pytest

from app.training.worker.estimate import Estimate
from app.training.worker.report import (
    BaseModelFacts,
    CategoryNumbers,
    FileNumbers,
    LeftOut,
    NearDuplicate,
    Sample,
    SplitNumbers,
)
from app.training.worker.words import cautions, missing, refusal, sentences

BASE: BaseModelFacts = {
    "name": "m",
    "label": "M",
    "licence": "",
    "source": "",
    "pretrained_only": True,
    "knows_nothing": False,
    "sentence": "It was instruction-tuned before.",
    "parameters": 1,
    "weights_sha256": "",
}
FILES: dict[str, FileNumbers] = {
    name: {"rows": 9, "used": 9, "left_out": 0, "not_drawn": 0} for name in ("train", "validation", "test")
}


def estimate(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    """A number with its interval."""
    return {"value": value, "low": low, "high": high}


def split(change: Estimate, prompts: int = 50) -> SplitNumbers:
    """One side, from 4 nats a token."""
    after = 4.0 + change["value"]
    return {
        "rows": prompts,
        "prompts": prompts,
        "tokens": 900,
        "loss_before": 4.0,
        "loss_after": after,
        "perplexity_before": 54.6,
        "perplexity_after": 1.0,
        "change": change,
    }


def category(name: str, loss_after: float, few: bool = False) -> CategoryNumbers:
    """The unseen prompts of one category."""
    return {
        "category": name,
        "prompts": 2 if few else 8,
        "few": few,
        "loss_before": 4.0,
        "loss_after": loss_after,
        "change": estimate(loss_after - 4.0),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            estimate(-1.5, -1.8, -1.2),
            "from 4.00 to 2.50 (-1.50, 95 % interval -1.80 to -1.20): what it was taught carries over to them.",
        ),
        (estimate(0.5, 0.2, 0.9), "it does worse there than before"),
        (estimate(-0.1, -0.4, 0.2), "no change that can be told from chance"),
        (estimate(-1.5), "too few prompts to say whether that is chance"),
    ],
)
def test_what_carries_over_is_claimed_only_where_the_interval_says_so(change: Estimate, said: str) -> None:
    [first, *_] = sentences(BASE, {"test": split(change)}, {}, [], [])
    assert said in first


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (estimate(0.6, 0.4, 0.8), "That part it memorised rather than learned."),
        (estimate(0.1, -0.1, 0.3), "No overfitting can be told from chance"),
        (estimate(0.6), "cannot be told from chance"),
    ],
)
def test_overfitting_is_claimed_only_where_the_interval_says_so(gap: Estimate, said: str) -> None:
    sides = {"train": split(estimate(-2.1)), "test": split(estimate(-1.5))}
    assert said in sentences(BASE, sides, {"test": gap}, [], [])[1]


def test_the_share_of_answers_that_end_by_themselves_is_counted() -> None:
    sample: Sample = {
        "split": "test",
        "id": "",
        "prompt_id": "",
        "category": "",
        "messages": [],
        "human": "",
        "before": "",
        "before_ended": False,
        "after": "",
        "after_ended": True,
        "judged": {},
        "base": "",
        "rewards": {},
        "second_rewards": {},
    }
    said = sentences(BASE, {}, {}, [], [sample, sample | {"after_ended": False}])
    assert said == [
        "Of 2 sample answers, it ended 0 by itself before and 1 after; the others were cut at the length limit."
    ]


def test_a_model_that_was_taught_before_is_said_to_be_so() -> None:
    assert BASE["sentence"] in sentences(BASE | {"pretrained_only": False}, {}, {}, [], [])
    assert BASE["sentence"] not in sentences(BASE, {}, {}, [], [])


def test_a_category_with_few_prompts_is_never_named() -> None:
    found = [category("poems", 9.0, few=True), category("advice", 3.0), category("coding", 3.5)]
    assert "coding is the one" in sentences(BASE, {}, {}, found, [])[-1]
    assert sentences(BASE, {}, {}, found[:2], []) == []


def test_each_weakness_of_the_numbers_is_named() -> None:
    none = FILES | {"validation": {"rows": 0, "used": 0, "left_out": 0, "not_drawn": 0}}
    said = " ".join(cautions(BASE, {}, none, [{"split": "", "id": "", "reason": "", "tokens": 1}]))
    assert "There was no test row" in said
    assert "1 row was left out" in said
    assert "no validation row" in said
    assert "unseen by this run only" in said


def test_intervals_of_few_prompts_are_said_to_be_too_narrow() -> None:
    few, enough = (cautions(BASE, {"test": split(estimate(-1), prompts)}, FILES, []) for prompts in (29, 30))
    assert "Only 29 unseen prompts" in few[0]
    assert "about 79 to 93 of 100 such intervals hold the truth, not 95" in few[0]
    assert few[1:] == enough


def test_few_prompts_of_an_unfamiliar_side_are_said_to_be_few_whatever_the_test_has() -> None:
    sides = {
        "test": split(estimate(-1)),
        "test_writers": split(estimate(-1), 29),
        "test_categories": split(estimate(-1), 1),
    }
    writers, categories, *_ = cautions(BASE, sides, FILES, [])
    assert writers.startswith("Only 29 prompts were answered by other people: the intervals are wide")
    assert categories.startswith("Only 1 prompt was of unfamiliar kinds: too few for an interval")
    assert not any("Only" in one for one in cautions(BASE, sides, FILES, [], refused=True))


@pytest.mark.parametrize(("prompts", "only"), [(1, "Only 1 unseen prompt was"), (4, "Only 4 unseen prompts were")])
def test_of_fewer_than_five_prompts_no_interval_is_spoken_of_as_if_there_were_one(prompts: int, only: str) -> None:
    few = {"test": split({"value": -1, "low": None, "high": None}, prompts)}
    assert cautions(BASE, few, FILES, [])[0] == (
        f"{only} measured: too few for an interval, so nothing there can be told from chance."
    )


def test_a_loss_is_never_left_to_stand_for_quality() -> None:
    [only] = cautions(BASE | {"knows_nothing": True}, {"test": split(estimate(-1))}, FILES, [])
    assert "does not measure whether an answer is true or helpful" in only


def test_each_unfamiliar_side_has_a_sentence_of_its_own() -> None:
    sides = {"train": split(estimate(-2.1)), "test_writers": split(estimate(-1, -1.2, -0.8), 1)}
    said = sentences(BASE, sides, {"test_writers": estimate(1.1, 0.9, 1.3)}, [], [])
    assert "On 1 prompt answered by people from whom it never learned" in said[0]
    assert "to those of other people changed by +1.10" in said[1]
    assert "stays behind there" in said[1]


def test_a_refusal_names_the_rows_and_what_to_do() -> None:
    found: list[NearDuplicate] = [
        {"split": "test", "id": f"t-{n}", "train_id": f"s-{n}", "percent": 90} for n in range(12)
    ]
    said = refusal(found)
    assert "12 test rows ask nearly what a training row asks" in said
    assert "t-0 is like s-0 (90 %)" in said
    assert "and 2 more" in said
    assert "Publish the version again" in said
    assert cautions(BASE, {}, FILES, [], refused=True)[0].startswith("Public texts")


def test_rows_left_out_for_one_reason_hear_it_once() -> None:
    long, short = "It is longer than max_length, 96 tokens.", "It has no response."
    rows: list[LeftOut] = [
        {"split": split, "id": f"r{number}", "reason": reason, "tokens": None}
        for number, (split, reason) in enumerate([("train", long)] * 2 + [("test", short)] + [("train", long)] * 8)
    ]
    assert missing(rows) == (
        "11 rows are left out: r0, r1, r3, r4, r5, r6, r7, r8, r9 of train (It is longer than max_length, 96 tokens), "
        "r2 of test (It has no response), and 1 more, which the report names."
    )
