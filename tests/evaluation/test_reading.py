"""A report's page says what the intervals hold, and nothing more."""

from typing import Any

import pytest

from app.evaluation.reading import gap_sentence, read, taught_bar, title_of
from app.training.worker.estimate import Estimate
from app.training.worker.report import CategoryNumbers, Report, upgraded
from tests.training.made import kind


def about(value: float, width: float | None = 0.1) -> Estimate:
    """A number with an interval of this half width; without one where None."""
    return (
        {"value": value, "low": None, "high": None}
        if width is None
        else {
            "value": value,
            "low": value - width,
            "high": value + width,
        }
    )


def split(before: float, change: Estimate) -> dict[str, Any]:
    """One side of a report."""
    after = before + change["value"]
    return {
        "rows": 20, "prompts": 20, "tokens": 900, "loss_before": before, "loss_after": after,
        "perplexity_before": 9.0, "perplexity_after": 5.0, "change": change,
    }  # fmt: skip


def category(name: str, prompts: int) -> CategoryNumbers:
    """Unseen prompts of one category."""
    few = prompts < 5
    return {
        "category": name, "prompts": prompts, "few": few, "loss_before": 4.0, "loss_after": 3.0,
        "change": about(-1.0, None if few else 0.2),
    }  # fmt: skip


def report(seen: Estimate, unseen: Estimate, gap: Estimate | None) -> Report:
    """A report with these changes on seen and unseen prompts."""
    curve = [
        {
            "step": n,
            "epoch": n / 2,
            "tokens": n,
            "train_loss": 3.0 - n / 5,
            "validation_loss": 3.2,
            "learning_rate": 1e-3,
        }
        for n in range(1, 4)
    ]
    found: Any = {
        "plan": {},
        "splits": {"train": split(4.0, seen), "test": split(4.1, unseen)},
        "gap": gap,
        "categories": [category("Explain", 12), category("Plan", 2)],
        "curve": curve,
    }
    return upgraded(found)


@pytest.mark.parametrize(
    ("seen", "unseen", "gap", "title"),
    [
        (
            -2.0,
            -1.0,
            about(1.0),
            "It learned to answer, but half of what it gained stays with prompts that it has seen.",
        ),
        (-2.0, -1.9, about(0.1, 0.3), "It learned to answer, and no memorising can be told from chance."),
        (-2.0, 0.0, about(2.0), "On prompts that it never saw, no change can be told from chance."),
        (-2.0, 0.5, about(2.5), "It answers prompts that it never saw worse than before."),
        (-2.0, -1.0, None, "There were too few prompts to say what it learned."),
    ],
)
def test_the_title_is_the_finding_that_the_intervals_hold(
    seen: float, unseen: float, gap: Estimate | None, title: str
) -> None:
    assert title_of(report(about(seen), about(unseen), gap)) == title


def test_without_an_interval_there_is_no_finding() -> None:
    assert "too few unseen" in title_of(report(about(-2), about(-1, None), about(1)))


def test_the_gap_is_said_with_its_interval() -> None:
    assert "+1.00 nats a response token (95 % interval +0.90 to +1.10)" in gap_sentence(about(1.0))
    assert "The gap changed by -0.30 nats a response token; there are too few" in gap_sentence(about(-0.3, None))


def test_the_bar_divides_what_was_gained_on_seen_prompts_at_what_carries_over() -> None:
    bar = taught_bar(report(about(-2.0), about(-1.5), about(0.5)))
    assert bar
    assert (bar.carried, bar.carried_is, bar.only_seen, bar.only_seen_is) == ("1.50", "taught", "0.50", "memorised")
    assert "1.40 to 1.60" in bar.note


@pytest.mark.parametrize(
    ("unseen", "gap", "words"),
    [
        (about(-0.5, 0.2), about(0.1, 0.3), ("taught", "not told from chance")),
        (about(-0.05, 0.3), about(0.55), ("not told from chance", "memorised")),
        (about(-0.5, 0.2), about(0.1, None), ("taught", "not told from chance")),
    ],
)
def test_the_bar_calls_nothing_taught_or_memorised_that_may_be_chance(
    unseen: Estimate, gap: Estimate, words: tuple[str, str]
) -> None:
    bar = taught_bar(report(about(-0.6), unseen, gap))
    assert bar
    assert (bar.carried_is, bar.only_seen_is) == words


@pytest.mark.parametrize(("seen", "unseen"), [(0.2, 0.3), (-0.6, 0.1)])
def test_there_is_no_bar_where_nothing_was_gained(seen: float, unseen: float) -> None:
    assert taught_bar(report(about(seen), about(unseen), about(0.1))) is None


def test_a_category_of_few_prompts_says_so() -> None:
    rows = read(report(about(-2.0), about(-1.0), about(1.0))).category_table.rows
    assert [row[-2] for row in rows] == ["-1.00 (-1.20 to -0.80)", "too few to say"]


def test_a_category_stands_with_its_gap_to_what_was_seen_of_it() -> None:
    whole = report(about(-2.0), about(-1.0), about(1.0))
    assert [row[-1] for row in read(whole).category_table.rows] == ["–", "–"]
    whole["kinds"] = [kind("Explain"), kind("Plan", gap=about(0.4, None))]
    reading = read(whole)
    assert [row[-1] for row in reading.category_table.rows] == ["+1.20 (+0.60 to +1.80)", "too few to say"]
    assert reading.categories[0][1].label == "Explain: before 4.0, after 3.0 on never seen prompts, 2.9 on seen ones"
