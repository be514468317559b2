"""Where is an answer over, and what decides it? The same for the base model as for what was made of it."""

from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from app.training import base_models
from app.training.worker.answers import Answer, answers
from app.training.worker.base import load_model, load_tokenizer
from app.training.worker.chat import ChatEncoder
from app.training.worker.measure import at_rest
from app.training.worker.rows import Row

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]

TINY = base_models.HERE / "tiny"
ASKED = ["What is the difference between an alligator and a crocodile?", "What is a duck?", "How do I bake bread?"]


@pytest.fixture(scope="module")
def encode() -> ChatEncoder:
    """What reads for the tiny model."""
    torch.set_num_threads(1)  # more would spin for each other
    return ChatEncoder(load_tokenizer(TINY, "chatml.jinja"), "<|im_end|>")


def said(model: Any, encode: ChatEncoder) -> list[Answer]:
    """Its greedy answers."""
    asked = [[{"role": "user", "content": text}, {"role": "assistant", "content": ""}] for text in ASKED]
    rows = [Row("test", text, text, "", turns, encode(turns)) for text, turns in zip(ASKED, asked, strict=True)]
    with at_rest(model):
        return answers(model, rows, encode, max_new_tokens=24, tell=lambda *_: None)


def test_a_base_model_that_ends_its_text_has_ended_its_answer_and_says_no_more(encode: ChatEncoder) -> None:
    found = said(load_model(TINY, torch.float32), encode)
    assert any(one.ended for one in found)
    for one in found:
        assert not {encode.stop, encode.tokenizer.eos_token_id, encode.tokenizer.bos_token_id}.intersection(one.tokens)
        assert one.ended == (len(one.tokens) < 24)


@pytest.mark.parametrize("adapter", [False, True])
def test_what_a_models_folder_recommends_changes_no_answer_and_is_kept(encode: ChatEncoder, adapter: bool) -> None:
    model = load_model(TINY, torch.float32)
    plain = said(model, encode)
    model.generation_config.repetition_penalty = 9.0
    whole = get_peft_model(model, LoraConfig(target_modules="all-linear")) if adapter else model
    assert said(whole, encode) == plain
    assert model.generation_config.repetition_penalty == 9.0
