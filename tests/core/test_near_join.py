"""Near duplicates are found without looking at every pair, and exactly as if every pair had been looked at."""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core import near_join
from app.core.near import SPLIT_ALIKE, grams, is_alike, weight
from app.core.near_join import clusters

DATA = Path(__file__).parents[1] / "data"
ALIKE = ("same_prompt", "near_duplicate")


def lines(name: str) -> list[dict[str, Any]]:
    """A file of JSON lines; no line of it holds a line end of another kind."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def by_hand(texts: list[tuple[int, str]]) -> dict[int, int]:
    """The clusters, by comparing every pair with every other: slow, plain, and what must come out."""
    cluster = {identity: identity for identity, _ in texts}
    pieces = [(identity, grams(text)) for identity, text in texts]
    for (one, first), (other, second) in combinations(pieces, 2):
        alike = is_alike(weight(first & second), weight(first) + weight(second), SPLIT_ALIKE)
        if one == other or alike:
            low, high = sorted((cluster[one], cluster[other]))
            cluster = {identity: low if held == high else held for identity, held in cluster.items()}
    return cluster


def test_of_the_pairs_that_are_alike_by_judgement_nearly_all_lie_in_one_cluster() -> None:
    """57 of 62 are alike by the score (decision 0004); a cluster is what is connected, so that it holds no fewer."""
    prompts = lines("near_duplicate_prompts.jsonl")
    number = {row["id"]: at for at, row in enumerate(prompts)}
    cluster_of = clusters((number[row["id"]], row["prompt"]) for row in prompts)
    alike = [pair for pair in lines("near_duplicates.jsonl") if pair["judged"] in ALIKE]
    together = [pair for pair in alike if cluster_of[number[pair["a"]]] == cluster_of[number[pair["b"]]]]
    assert (len(together), len(alike)) == (57, 62)


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


ASKED = ["what", "is", "the", "capital", "of", "france", "italy", "c", "c++", "c#", "and", "or", "an", "東京", "дом"]
WORDS = st.lists(st.sampled_from(ASKED), max_size=7)


@settings(max_examples=300, deadline=None)
@given(asked=st.lists(WORDS, max_size=12))
def test_words_of_all_weights_fall_into_the_clusters_of_a_comparison_of_all_pairs(asked: list[list[str]]) -> None:
    numbered = list(enumerate(" ".join(words) for words in asked))
    assert clusters(numbered) == by_hand(numbered)


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


def test_long_texts_at_the_border_fall_into_the_clusters_of_a_comparison_of_all_pairs() -> None:
    chance = Random(7)
    asked = ["".join(chance.choices("abcdefghijklmnopqrst", k=6)) for _ in range(2000)]
    texts = []
    for many in (60, 140, 141, 300, 301, 600):  # of other widths of sketches, and of the same
        base = chance.sample(asked, many)
        for part in (0, 12, 18, 22, 26, 40):
            changed = [chance.choice(asked) if chance.randrange(100) < part else word for word in base]
            texts.append(" ".join(changed))
        texts.append(" ".join(base[: many * 2 // 3]))
    numbered = list(enumerate(texts))
    found = clusters(numbered)
    assert found == by_hand(numbered)
    assert 6 < len(set(found.values())) < len(texts)


def test_who_is_told_how_far_it_is_can_stop_it() -> None:
    heard = []

    def told(done: int, of: int) -> None:
        heard.append((done, of))
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        clusters(enumerate(["one", "two", "three", "four"]), told=told)
    assert heard == [(0, 4), (1, 4), (2, 4)]


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


@settings(max_examples=200, deadline=None)
@given(asked=st.lists(WORDS, max_size=12), compared=st.integers(0, 12))
def test_what_was_compared_before_and_what_is_new_fall_into_the_clusters_of_a_comparison_of_all_pairs(
    asked: list[list[str]], compared: int
) -> None:
    numbered = list(enumerate(" ".join(words) for words in asked))
    assert clusters(numbered, clusters(numbered[:compared])) == by_hand(numbered)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds are looked for among two."""
    monkeypatch.setattr(near_join, "MANY", 2)


def from_forms(random: Random, count: int, *, forms: int, length: int, tail: int) -> list[tuple[int, str]]:
    """Prompts that are made from a few long forms, each with words of its own."""
    words = ["".join(random.choices("abcdefghij", k=6)) for _ in range(400)]
    form = [random.choices(words, k=length) for _ in range(forms)]
    tails = [random.choices(words, k=random.randint(tail // 8, tail)) for _ in range(count)]
    return [(at, " ".join(random.choice(form) + tails[at])) for at in range(count)]


@pytest.mark.usefixtures("soon")
def test_crowds_fall_into_the_clusters_of_a_comparison_of_all_pairs() -> None:
    """With tails so long that what weighs most is alike to the lightest of its form alone, or to none."""
    for seed in range(24):
        random = Random(seed)
        texts = from_forms(random, 40, forms=random.randint(1, 3), length=20, tail=random.randint(1, 20))
        expected = by_hand(texts)
        assert clusters(texts) == expected
        before = {at: by_hand(texts[:20])[at] for at in range(20)}
        assert clusters(texts, before) == expected


def test_who_has_joined_a_crowd_meets_no_more_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    met = 0
    meeting = near_join.Index.meeting

    def counted(self: near_join.Index, ranks: Any, at: int) -> Iterator[Sequence[int]]:
        nonlocal met
        for others in meeting(self, ranks, at):
            met += len(others)
            yield others

    monkeypatch.setattr(near_join.Index, "meeting", counted)
    seen = []
    for count in (200, 400):
        met = 0
        found = clusters(from_forms(Random(1), count, forms=1, length=200, tail=10))
        assert set(found.values()) == {0}
        seen.append(met)
    assert seen[1] < 2.5 * seen[0], "twice as many prompts of one form meet twice as many, not four times"
