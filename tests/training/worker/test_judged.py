"""What is said of an answer without a second model: each rule by examples, chrF by another program's figures."""

from typing import Any

import pytest

from app.training.worker.chat import Encoded
from app.training.worker.chrf import chrf
from app.training.worker.formats import asked_in, follows
from app.training.worker.judged import Lengths, judge, repeats, usual_lengths
from app.training.worker.overlap import longest_shared
from app.training.worker.rows import Row

USUAL = Lengths(3, 8)


def row(tokens: int = 5, prompt: str = "What is a quokka, please?", response: str = "It is a small wallaby.") -> Row:
    """A row whose response has these many tokens, 1 to n, and the one that ends it."""
    labels = [-100, *range(1, tokens + 1), 99]
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
    return Row("test", "r", "p", "", messages, Encoded(labels, labels))


@pytest.mark.parametrize(
    ("said", "human", "score"),
    [
        # what sacrebleu 2.6.0 says: CHRF().sentence_score(said, [human])
        ("The cat sat on the mat.", "The cat sat on the mat.", 100.0),
        ("Of course! Go slowly.", "Of course! With tea, go slowly.", 53.9108),
        ("ab", "abc", 63.6364),
        ("Nein.", "Yes", 9.8039),
        ("我喜欢绿茶。", "我很喜欢喝绿茶。", 23.7147),
        ("a b c d e f g", "g f e d c b a", 16.6667),
        ("", "Yes", 0.0),
    ],
)
def test_chrf_is_that_of_sacrebleu(said: str, human: str, score: float) -> None:
    assert chrf(said, human) == pytest.approx(score, abs=1e-4)


def test_chrf_of_two_letters_worked_by_hand() -> None:
    # "ab" for "abc": of single letters 2 of 2 and 2 of 3, of pairs 1 of 1 and 1 of 2; longer ones stand in no "ab".
    precision, recall = (1 + 1) / 2, (2 / 3 + 1 / 2) / 2
    assert chrf("ab", "abc") == pytest.approx(100 * 5 * precision * recall / (4 * precision + recall))


@pytest.mark.parametrize(
    ("prompt", "passes", "fails"),
    [
        ("Explain rain in one sentence.", "Water falls.", "Water falls. It is wet."),
        ("Explain rain in at most two sentences.", "Water falls. It is wet.", "One. Two. Three."),
        ("In exactly three words: who are you?", "A kind helper", "A very kind helper"),
        ("Tell me in 20 words.", "word " * 22, "word " * 23),
        ("Use fewer than 3 words.", "Two words", "Now three words"),
        ("Write at least five words.", "one two three four five", "one two"),
        ("Answer in a single word.", "Paris", "It is Paris"),
        ("Answer in 50 words or less.", "Three words suffice.", "word " * 51),
        ("Name them in two sentences or fewer.", "Figs.", "One. Two. Three."),
        ("Tell me in 3 words or more.", "one two three four", "one two"),
        ("Name a fruit in one sentence.", "Many are sweet, e.g. the fig, as Dr. Hill says.", "Figs. Plums."),
        ("Give me three bullet points on tea.", "- hot\n- green\n* old", "- hot\n- green"),
        ("Say it as a bulleted list.", "- a\n- b", "a and b"),
        ("Write a numbered list of fruits.", "1. Fig\n2) Plum", "Fig, plum"),
        ("Return it as JSON, please.", '```json\n{"a": 1}\n```', "{a: 1}"),
        ("Show it in a table.", "| a | b |\n|---|---|\n| 1 | 2 |", "a: 1, b: 2"),
        ("Shout it in capital letters.", "NO, NEVER!", "No, never!"),
        ("Whisper it in lowercase.", "no, never!", "No, never!"),
        ("Answer only yes or no: is it late?", "Yes.", "Yes, it is late."),
    ],
)
def test_a_format_that_a_prompt_asks_for_is_checked(prompt: str, passes: str, fails: str) -> None:
    checks = asked_in(prompt)
    assert (follows(checks, passes), follows(checks, fails)) == (True, False)


@pytest.mark.parametrize(
    "prompt",
    [
        "What is a sentence?", "Why do bullet trains not fly?", "How many words are there in English?",
        "Is there a table in here?", "I broke one sentence of my promise.", "What is JSON format?",
        "How do I convert a list in JSON to CSV in Python?", "How do I return a list as JSON in Flask?",
    ],
)  # fmt: skip
def test_a_prompt_that_asks_for_no_format_counts_for_nothing(prompt: str) -> None:
    assert follows(asked_in(prompt), "Whatever.") is None


def test_an_answer_that_holds_most_of_its_prompt_in_one_piece_repeats_it() -> None:
    asked = "What is a quokka,\n and where does it live?"
    assert repeats(asked, "You ask: What is a  quokka, and where does it stay? In Australia.") is True
    assert repeats(asked, "You ask what is a quokka. A small wallaby.") is False
    assert repeats(asked, "A quokka is a small wallaby.") is False
    assert repeats("Why?", "Why? Because.") is None


@pytest.mark.parametrize(
    ("tokens", "ended", "ordinary"),
    [(3, True, True), (8, True, True), (2, True, False), (9, True, False), (5, False, False)],
)
def test_a_length_is_usual_only_for_an_answer_that_came_to_its_end(tokens: int, ended: bool, ordinary: bool) -> None:
    assert judge(row(), "text", range(tokens), ended=ended, usual=USUAL)["usual_length"] is ordinary


def test_nine_responses_in_ten_have_a_usual_length() -> None:
    assert usual_lengths([row(tokens) for tokens in range(1, 101)]) == (5, 96)
    assert usual_lengths([row(7)]) == (7, 7)


def test_the_longest_run_of_tokens_in_common_is_counted() -> None:
    said: dict[str, Any] = dict(judge(row(6), "text", [9, 2, 3, 4, 9, 5, 6], ended=True, usual=USUAL))
    assert said["verbatim_tokens"] == 3
    assert longest_shared("a quick fox", "the quick ox") == (1, 7)
    assert longest_shared("", "x").length == 0
