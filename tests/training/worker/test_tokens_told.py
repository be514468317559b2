"""A row is shown as its model reads it, and no character comes in halves."""

from app.training.worker.chat import IGNORED, Encoded
from app.training.worker.rows import Row
from app.training.worker.tokens import AROUND, row_tokens


def row(asked: str, said: str) -> Row:
    """A row of a tokenizer whose tokens are bytes."""
    prompt, response = list(asked.encode()), list(said.encode())
    return Row("train", "s-1", "p-1", "", [], Encoded(prompt + response, [IGNORED] * len(prompt) + response))


def decode(ids: list[int]) -> str:
    """The text of these bytes."""
    return bytes(ids).decode("utf-8", "replace")


def test_each_token_says_whether_it_bears_loss_and_a_character_of_four_tokens_is_one_piece() -> None:
    [shown] = row_tokens([row("a🙂", "é!")], decode)
    assert [(one["text"], one["learned"]) for one in shown["tokens"]] == [
        ("a", False), ("🙂", False), ("é", True), ("!", True),
    ]  # fmt: skip
    assert (shown["count"], shown["learned"], shown["before"], shown["after"]) == (8, 3, 0, 0)


def test_of_a_long_row_the_place_is_shown_where_its_response_begins() -> None:
    [shown] = row_tokens([row("q" * 1000, "r" * 500)], decode)
    said = [one["text"] for one in shown["tokens"]]
    assert said == ["q"] * AROUND + ["r"] * AROUND
    assert (shown["count"], shown["learned"], shown["before"], shown["after"]) == (1500, 500, 850, 350)
