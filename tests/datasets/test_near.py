"""Near duplicates are found without looking at every pair, and exactly as if every pair had been looked at."""

import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.datasets.near import THRESHOLD, clusters, comparable, similarity, trigrams

DATA = Path(__file__).parents[1] / "data"
ALIKE = ("same_prompt", "near_duplicate")


def lines(name: str) -> list[dict[str, Any]]:
    """A file of JSON lines; no line of it holds a line end of another kind."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def by_hand(texts: list[tuple[int, str]]) -> dict[int, int]:
    """The clusters, by comparing every pair with every other: slow, plain, and what must come out."""
    cluster = {identity: identity for identity, _ in texts}
    grams = [(identity, trigrams(comparable(text))) for identity, text in texts]
    for (one, first), (other, second) in combinations(grams, 2):
        if one == other or similarity(first, second) >= THRESHOLD - 1e-12:
            low, high = sorted((cluster[one], cluster[other]))
            cluster = {identity: low if held == high else held for identity, held in cluster.items()}
    return cluster


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is inflation?", "what is INFLATION"),
        ("“Was ist das?”", "Was ist das"),
        ("ﬁnd a café", "find a café"),
        ("two  spaces\n", "two spaces"),
        ("Straße", "STRASSE"),
    ],
)
def test_case_punctuation_width_and_spaces_make_no_difference(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


def test_signs_that_carry_the_question_are_kept() -> None:
    assert comparable("What is C?") != comparable("What is C++?")


def test_of_the_pairs_that_people_judged_none_that_is_alike_is_missed() -> None:
    """Recall 62 of 62, precision 62 of 95: decision 0004 says why the 33 cost little."""
    prompts = {row["id"]: row["prompt"] for row in lines("near_duplicate_prompts.jsonl")}
    found: dict[str, int] = defaultdict(int)
    for pair in lines("near_duplicates.jsonl"):
        one, other = (trigrams(comparable(prompts[pair[side]])) for side in ("a", "b"))
        found[pair["judged"]] += similarity(one, other) >= THRESHOLD
    assert (found["same_prompt"] + found["near_duplicate"], found["different_question"]) == (62, 33)


def test_every_judged_pair_lies_in_one_cluster() -> None:
    prompts = lines("near_duplicate_prompts.jsonl")
    number = {row["id"]: at for at, row in enumerate(prompts)}
    cluster_of = clusters((number[row["id"]], row["prompt"]) for row in prompts)
    for pair in lines("near_duplicates.jsonl"):
        if pair["judged"] in ALIKE:
            assert cluster_of[number[pair["a"]]] == cluster_of[number[pair["b"]]], pair


def test_real_prompts_fall_into_the_clusters_of_a_comparison_of_all_pairs() -> None:
    texts = [(at, row["prompt"]) for at, row in enumerate(lines("near_duplicate_prompts.jsonl"))]
    assert clusters(texts) == by_hand(texts)


TEXTS = st.lists(st.text("abc ?", max_size=14), max_size=14)


@settings(max_examples=400, deadline=None)
@given(texts=TEXTS)
@example(texts=["", "?", "a", "aa", "aaa", "aaaa"])
def test_any_texts_fall_into_the_clusters_of_a_comparison_of_all_pairs(texts: list[str]) -> None:
    numbered = list(enumerate(texts))
    assert clusters(numbered) == by_hand(numbered)
    assert clusters(reversed(numbered)) == clusters(numbered)


EDITS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcdefgh ")), max_size=14)


@settings(max_examples=150, deadline=None)
@given(base=st.text("abcdefgh ", min_size=30, max_size=60), edits=st.lists(EDITS, min_size=2, max_size=8))
def test_texts_at_the_border_of_being_alike_fall_into_the_clusters_of_a_comparison_of_all_pairs(
    base: str, edits: list[list[tuple[int, str]]]
) -> None:
    texts = [base]
    for changes in edits:
        letters = list(base)
        for place, letter in changes:
            letters[place % len(letters)] = letter
        texts.append("".join(letters))
    numbered = list(enumerate(texts))
    assert clusters(numbered) == by_hand(numbered)


def test_a_prompt_with_two_texts_joins_the_clusters_of_both() -> None:
    found = clusters(
        [
            (1, "Why is the sky blue?"),
            (2, "How do I bake bread?"),
            (3, "Why is the sky blue"),
            (3, "How do I bake bread"),
        ]
    )
    assert found == {1: 1, 2: 1, 3: 1}
