"""A row is shown as its model reads it, by each method, and no character comes in halves."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.training.worker.__main__ import show
from app.training.worker.as_read import Named, answered, compared, scored
from app.training.worker.chat import IGNORED, Encoded
from app.training.worker.events import EventKind
from app.training.worker.pairs import Pair
from app.training.worker.rows import Row
from app.training.worker.tokens import AROUND, row_tokens
from tests.training.worker.preference_runs import ASKED, PREFERS, TAUGHT, chosen_by_rule, lay
from tests.training.worker.runs import TINY, events, fill


def row(asked: str, said: str) -> Row:
    """A row of a tokenizer whose tokens are bytes."""
    prompt, response = list(asked.encode()), list(said.encode())
    return Row("train", "s-1", "p-1", "", [], Encoded(prompt + response, [IGNORED] * len(prompt) + response))


def decode(ids: list[int]) -> str:
    """The text of these bytes."""
    return bytes(ids).decode("utf-8", "replace")


def test_each_token_says_whether_it_bears_loss_and_a_character_of_four_tokens_is_one_piece() -> None:
    [shown] = row_tokens(answered([row("a🙂", "é!")]), decode)
    assert [(one["text"], one["learned"]) for one in shown["tokens"]] == [
        ("a", False), ("🙂", False), ("é", True), ("!", True),
    ]  # fmt: skip
    assert (shown["count"], shown["learned"], shown["before"], shown["after"]) == (8, 3, 0, 0)


def test_of_a_long_row_the_place_is_shown_where_its_response_begins() -> None:
    [shown] = row_tokens(answered([row("q" * 1000, "r" * 500)]), decode)
    said = [one["text"] for one in shown["tokens"]]
    assert said == ["q"] * AROUND + ["r"] * AROUND
    assert (shown["count"], shown["learned"], shown["before"], shown["after"]) == (1500, 500, 850, 350)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (compared, {"s-1, chosen": "Go on?[Agood]", "s-1, rejected": "Go on?[A bad]"}),
        (scored, {"s-1, chosen": "Go on?Agoo[d]", "s-1, rejected": "Go on?A ba[d]"}),
    ],
)
def test_of_a_pair_both_sides_are_shown_with_what_counts_by_the_method(
    read: Callable[[list[Pair]], Named], said: dict[str, str]
) -> None:
    pair = Pair(row("Go on?", "Agood"), row("Go on?", "A bad"), "")
    shown = row_tokens(read([pair]), decode)
    assert {one["id"]: in_brackets(one["tokens"]) for one in shown} == said


def in_brackets(tokens: list[Any]) -> str:
    """The text, what bears loss in brackets."""
    text = "".join(f"[{one['text']}]" if one["learned"] else one["text"] for one in tokens)
    return text.replace("][", "")


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_each_method_tells_it_before_its_first_step(reward_model: Path, policy: Path) -> None:
    for folder, ends in ((reward_model, "\n"), (policy, "<|im_end|>")):
        kinds = [one["kind"] for one in events(folder)]
        assert kinds.index("tokens") < kinds.index("step")
        shown = events(folder, EventKind.TOKENS)[0]["shown"]
        assert [one["learned"] for one in shown] == [1] * 4
        assert all(one["tokens"][-1] == {"text": ends, "learned": True} for one in shown)
    asked = "".join(one["text"] for one in shown[0]["tokens"])
    assert asked.endswith("?<|im_end|>\n<|im_start|>assistant\n<|im_end|>")


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_the_command_shows_rows_without_training_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, said = {"role": "user", "content": "Bell\a?"}, {"role": "assistant", "content": "Yes."}
    folder = fill(tmp_path / "sft", TINY, [{"messages": [asked, said], "id": "s-1"}] * 3)
    before = sorted(path.name for path in folder.iterdir())
    assert show(folder, None, 2) == 0
    told = capsys.readouterr().out
    assert told.count("s-1: ") == 2
    assert "\\x07" in told
    assert "\a" not in told
    assert "[.][<|im_end|>]" in told
    assert sorted(path.name for path in folder.iterdir()) == before
    plan, rows = replace(PREFERS, begins_from=""), chosen_by_rule
    assert show(lay(tmp_path / "dpo", plan, train=rows(TAUGHT), test=rows(ASKED[:2])), None, 1) == 0
    told = capsys.readouterr().out
    assert [line.partition(":")[0].rpartition(", ")[2] for line in told.splitlines()[::3]] == ["chosen", "rejected"]
    (folder / "plan.json").write_text('{"base_model": "tiny", "sead": 1}', "utf-8")
    assert show(folder, None, 1) == 1
    assert "'sead' is not a setting of a run. Correct plan.json." in capsys.readouterr().err
