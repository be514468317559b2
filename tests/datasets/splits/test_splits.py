"""A cluster lies in one split, and what was once test is test for ever, whatever comes and goes."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.models import Split
from app.datasets.splits.settling import Placed, settle


def alone(count: int, category: str = "Explain", first: int = 1) -> list[Placed]:
    """Prompts that resemble no other."""
    return [Placed(n, n, category) for n in range(first, first + count)]


def test_a_hundred_prompts_are_split_eighty_ten_ten() -> None:
    assert Counter(settle(alone(100), {}, "p").values()) == {Split.TRAIN: 80, Split.VALIDATION: 10, Split.TEST: 10}


def test_each_category_has_its_share_of_the_test_split() -> None:
    prompts = alone(50, "Explain") + alone(20, "Plan", first=51)
    settled = settle(prompts, {}, "p")
    tested = Counter(p.category for p in prompts if settled[p.prompt_id] is Split.TEST)
    assert tested == {"Explain": 5, "Plan": 2}


def test_five_prompts_of_five_categories_still_leave_one_to_validate_and_one_to_test() -> None:
    prompts = [Placed(n, n, f"category {n}") for n in range(1, 6)]
    assert Counter(settle(prompts, {}, "p").values()) == {Split.TRAIN: 3, Split.VALIDATION: 1, Split.TEST: 1}


def test_the_order_of_prompts_decides_nothing() -> None:
    prompts = alone(60)
    assert settle(prompts, {}, "p") == settle(prompts[::-1], {}, "p")


def test_two_projects_do_not_test_on_the_same_numbers() -> None:
    assert settle(alone(100), {}, "1") != settle(alone(100), {}, "2")


def test_a_newcomer_that_resembles_a_test_prompt_is_test_as_well() -> None:
    settled = settle([Placed(1, 1, ""), Placed(2, 1, "")], {1: Split.TEST}, "p")
    assert settled[2] is Split.TEST


def test_when_clusters_meet_test_wins() -> None:
    settled = settle([Placed(1, 1, ""), Placed(2, 1, "")], {1: Split.TRAIN, 2: Split.TEST}, "p")
    assert set(settled.values()) == {Split.TEST}


HISTORY = st.lists(
    st.fixed_dictionaries(
        {
            "added": st.integers(0, 12),
            "withdrawn": st.sets(st.integers(1, 60), max_size=5),
            "merged": st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=4),
        }
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(history=HISTORY, categories=st.integers(1, 4))
def test_over_any_history_clusters_hold_together_and_test_stays_test(
    history: list[dict[str, object]], categories: int
) -> None:
    cluster_of: dict[int, int] = {}
    kept: dict[int, Split] = {}
    gone: set[int] = set()
    for step in history:
        for _ in range(int(str(step["added"]))):
            prompt_id = len(cluster_of) + 1
            cluster_of[prompt_id] = prompt_id
        gone |= set(step["withdrawn"])  # type: ignore[call-overload]
        for one, other in step["merged"]:  # type: ignore[attr-defined]
            if one in cluster_of and other in cluster_of:
                low, high = sorted((cluster_of[one], cluster_of[other]))
                cluster_of = {p: low if c == high else c for p, c in cluster_of.items()}
        # As publishing does: every prompt of the version, and every prompt that was ever split.
        present = {p for p in cluster_of if p not in gone} | set(kept)
        before = dict(kept)
        kept |= settle([Placed(p, cluster_of[p], str(cluster_of[p] % categories)) for p in sorted(present)], kept, "p")
        assert all(kept[p] is Split.TEST for p, split in before.items() if split is Split.TEST)
        for prompt_id in present:
            assert kept[prompt_id] is kept[min(p for p in present if cluster_of[p] == cluster_of[prompt_id])]
