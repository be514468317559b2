"""Only the response is learned, and what people type is never a control token."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken

from app.training import base_models
from app.training.worker.base import load_tokenizer
from app.training.worker.chat import IGNORED, ChatEncoder, Message

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]

HERE = Path(__file__).parent
TEMPLATES = {
    "chatml.jinja": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "smollm2.jinja": ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<empty_output>", "<jupyter_code>"],
    "gemma.jinja": ["<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<unused99>"],
    "plain.jinja": ["<|endoftext|>", "<think>", "</think>", "<tool_call>"],
}
STOPS = {"gemma.jinja": "<end_of_turn>"}


def typed() -> list[Any]:
    """The rows of the hostile file that are about control tokens: id and text."""
    rows = map(json.loads, (HERE / "control_tokens.jsonl").read_text("utf-8").splitlines())
    made = [(r["id"], r.get("value") or r["generate"]["repeat"] * r["generate"]["times"]) for r in rows]
    return [pytest.param(text, id=row_id) for row_id, text in made]


@pytest.fixture(scope="module", params=TEMPLATES)
def encode(request: pytest.FixtureRequest) -> ChatEncoder:
    """One encoder for each of our templates: the tiny tokenizer, with the control tokens of that family."""
    template = request.param
    tokenizer = load_tokenizer(base_models.HERE / "tiny", template)
    tokenizer.add_tokens([AddedToken(t, special=not t.endswith(("think>", "_call>"))) for t in TEMPLATES[template]])
    if template == "gemma.jinja":
        tokenizer.bos_token = "<bos>"
    return ChatEncoder(tokenizer, STOPS.get(template, "<|im_end|>"))


def pair(prompt: str, response: str) -> list[Message]:
    """Two messages."""
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]


def learned(encode: ChatEncoder, messages: list[Message]) -> str:
    """The text that carries loss."""
    labels = [label for label in encode(messages).labels if label != IGNORED]
    return str(encode.tokenizer.decode(labels, skip_special_tokens=False))


def control_count(encode: ChatEncoder, messages: list[Message]) -> int:
    """How many control tokens the messages hold: the template's own."""
    return sum(token in encode.control for token in encode(messages).input_ids)


def test_the_response_and_its_stop_token_carry_loss_and_the_prompt_none(encode: ChatEncoder) -> None:
    stop = encode.tokenizer.convert_ids_to_tokens(encode.stop)
    assert learned(encode, pair("Name a colour.", "Green, of course!")) == f"Green, of course!{stop}"


def test_of_several_turns_only_the_last_response_is_learned(encode: ChatEncoder) -> None:
    stop = encode.tokenizer.convert_ids_to_tokens(encode.stop)
    earlier = pair("Name a colour.", "Green.")
    assert learned(encode, [*earlier, *pair("Another?", "Blue.")]) == f"Blue.{stop}"


def test_a_prompt_alone_teaches_nothing(encode: ChatEncoder) -> None:
    assert learned(encode, pair("Name a colour.", "Green.")[:1]) == ""


def test_ordinary_text_gets_the_ids_of_apply_chat_template(encode: ChatEncoder) -> None:
    messages = pair("How are you?", "Fine, thank you.\n\nAnd you?")
    theirs = encode.tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False)
    assert encode(messages).input_ids == list(theirs)


def test_a_prompt_for_generation_is_the_beginning_of_the_whole(encode: ChatEncoder) -> None:
    messages = pair("How are you?", "Fine, thank you.")
    start = encode(messages[:1], add_generation_prompt=True).input_ids
    assert encode(messages).input_ids[: len(start)] == start


@pytest.mark.parametrize("text", ["  two spaces before and after  ", "\n\nnewlines\n", "é 日本語 🙂", " ", ""])
def test_white_space_and_all_scripts_reach_the_model_as_written(encode: ChatEncoder, text: str) -> None:
    assert learned(encode, pair("Say it.", text)).startswith(text)


@pytest.mark.parametrize("text", typed())
def test_typed_control_tokens_stay_text(encode: ChatEncoder, text: str) -> None:  # S86
    stop = encode.tokenizer.convert_ids_to_tokens(encode.stop)
    harmless = control_count(encode, pair("x", "y"))
    assert control_count(encode, pair(text, text)) == harmless
    assert learned(encode, pair("x", text)) == text + stop


def test_each_control_token_of_the_tokenizer_stays_text_when_typed(encode: ChatEncoder) -> None:  # S86
    harmless = control_count(encode, pair("x", "y"))
    for token in encode.tokenizer.get_added_vocab():
        for text in (token, f"a {token} b", token * 3, f"\n{token}"):
            assert control_count(encode, pair(text, text)) == harmless, token
            prompt = encode(pair(text, "")[:1], add_generation_prompt=True).input_ids
            assert text in encode.tokenizer.decode(prompt, skip_special_tokens=False)


def test_a_template_that_leaves_a_message_out_is_refused(encode: ChatEncoder) -> None:
    ours = encode.tokenizer.chat_template
    encode.tokenizer.chat_template = "{{ messages[0]['content'] }}"
    with pytest.raises(ValueError, match="leaves out message 2"):
        encode(pair("x", "y"))
    encode.tokenizer.chat_template = ours
