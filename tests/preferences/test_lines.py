"""A file of pairs is read whole or not at all, and each wrong place is named."""

import json
from io import BytesIO
from typing import Any

import pytest

from app.core.errors import Invalid
from app.preferences.lines import ROW_LIMIT, read_pairs
from tests.preferences.conftest import pair


def read(*lines: Any) -> Any:
    """What a file of these lines holds."""
    return read_pairs(BytesIO(b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)))


def wrong(*lines: Any) -> dict[str, str]:
    """Each place that is refused, with what is wrong there."""
    with pytest.raises(Invalid) as refused:
        read(*lines)
    return {place.pointer: place.detail for place in refused.value.places}


def test_texts_and_lists_of_messages_are_the_same_pair() -> None:
    plain = pair()
    asked = {"role": "user", "content": plain["prompt"]}
    told = {key: [{"role": "assistant", "content": plain[key]}] for key in ("chosen", "rejected")}
    assert read(plain) == read(plain | told | {"prompt": [asked]})
    without = {key: value for key, value in plain.items() if key != "prompt"}
    assert read(plain) == read(without | {"messages": [asked]})


def test_a_text_comes_in_byte_for_byte() -> None:
    found = read(pair(chosen="  two spaces\r\n\u2028 ", rejected="no"))[0]
    assert found.chosen[0]["content"] == "  two spaces\r\n\u2028 "


def test_every_wrong_line_is_named() -> None:
    found = wrong(pair(), b"{", pair(chosen=""), pair(rejected=pair()["chosen"]), pair(colour="red"), pair(licence=""))
    assert {place.split("/")[2] for place in found} == {"2", "3", "4", "5", "6"}
    assert found["/line/3/chosen"] == "is empty: write something that can be seen"
    assert "the same text as chosen" in found["/line/4/rejected"]


def test_a_conversation_ends_as_it_must() -> None:
    user, assistant = ({"role": role, "content": "So?"} for role in ("user", "assistant"))
    found = wrong(pair(prompt=[user, assistant]), pair(chosen=[assistant, user]), pair(messages=[user]))
    assert set(found) == {"/line/1/prompt/1/role", "/line/2/chosen/1/role", "/line/3/prompt"}


def test_a_response_that_repeats_its_question_is_refused() -> None:
    whole = [{"role": role, "content": "So?"} for role in ("user", "assistant")]
    system = {"role": "system", "content": "Be brief."}
    found = wrong(pair(chosen=whole), pair(rejected=[system, *whole[1:]]))
    assert set(found) == {"/line/1/chosen/0/role", "/line/2/rejected/0/role"}
    assert "begins with an assistant turn" in found["/line/1/chosen/0/role"]


def test_an_empty_file_and_one_that_is_too_long_say_so() -> None:
    assert "empty" in wrong(b"")["/line/1"]
    assert f"{ROW_LIMIT:,}" in wrong(*[json.dumps(pair()).encode()] * (ROW_LIMIT + 1))[f"/line/{ROW_LIMIT + 1}"]
