"""How messages become token ids: control tokens come from the chat template alone, never from what people wrote."""

import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tokenizers import Tokenizer

IGNORED = -100  # the label of a token that carries no loss
Message = dict[str, str]


class Encoded(NamedTuple):
    """Token ids and, for each, itself or IGNORED."""

    input_ids: list[int]
    labels: list[int]

    @property
    def learned(self) -> int:
        """How many tokens carry loss: those of the response and its stop token."""
        return sum(label != IGNORED for label in self.labels)


class Piece(NamedTuple):
    """A stretch of the rendered chat: the template's own words, or a person's."""

    text: str
    written: bool
    learned: bool = False


class ChatEncoder:
    """Messages to ids and labels, for training, measuring and generating alike.

    Only the last message is learned, if the assistant speaks it, with the stop token that ends it: all turns before it
    are the prompt. `apply_chat_template` would turn a typed `<|im_end|>` into a control token (SECURITY.md S86), and
    `split_special_tokens` lets through what is added but not special. So two tokenizers work here: the framed one reads
    the template's pieces, the plain one, which knows no control token, reads the text between them.
    """

    def __init__(self, tokenizer: Any, stop_token: str) -> None:
        """For a tokenizer with its chat template set. ValueError if `stop_token` is none of its control tokens."""
        template = str(tokenizer.chat_template)
        self.tokenizer = tokenizer
        self.stop: int = tokenizer.convert_tokens_to_ids(stop_token)
        # What an answer is over with: a base model ends a text by its own word, or begins another.
        self.ends = sorted({self.stop} | ({tokenizer.eos_token_id, tokenizer.bos_token_id} - {None}))
        added = tokenizer.added_tokens_decoder.items()
        self.control = {i for i, t in added if t.special or (t.content.strip() and t.content in template)}
        if self.stop not in self.control:
            raise ValueError(f"{stop_token!r} is no control token of this tokenizer.")
        whole = tokenizer.backend_tokenizer.to_str()
        self.framed = Tokenizer.from_str(whole)
        self.plain = Tokenizer.from_str(_without_control_tokens(whole, self.control))

    def __call__(self, messages: Sequence[Message], add_generation_prompt: bool = False) -> Encoded:
        """The ids of these messages. With `add_generation_prompt`, up to where the assistant begins to speak."""
        out, run, speaking = Encoded([], []), list[tuple[str, bool]](), False
        for piece in self._pieces(messages, add_generation_prompt):
            if piece.written:
                speaking = piece.learned
                run.append((piece.text, speaking))
                continue
            at, frame = 0, self.framed.encode(piece.text, add_special_tokens=False)
            for token, (start, end) in zip(frame.ids, frame.offsets, strict=True):
                if token in self.control:
                    run.append((piece.text[at:start], False))
                    self._flush(run, out)
                    out.input_ids.append(token)
                    out.labels.append(token if speaking else IGNORED)
                    speaking, at = False, end
            run.append((piece.text[at:], False))
        self._flush(run, out)
        return out

    def _pieces(self, messages: Sequence[Message], add_generation_prompt: bool) -> Iterator[Piece]:
        mark = secrets.token_hex(8)  # stands for each content, so that no content is ever part of the template's text
        held = [dict(message, content=f"{mark}{i:04d}{mark}") for i, message in enumerate(messages)]
        rest = str(
            self.tokenizer.apply_chat_template(held, tokenize=False, add_generation_prompt=add_generation_prompt)
        )
        for i, message in enumerate(messages):
            frame, found, rest = rest.partition(f"{mark}{i:04d}{mark}")
            if not found:
                raise ValueError(f"The chat template leaves out message {i + 1}.")
            yield Piece(frame, written=False)
            last = i == len(messages) - 1
            yield Piece(message["content"], written=True, learned=last and message["role"] == "assistant")
        yield Piece(rest, written=False)

    def _flush(self, run: list[tuple[str, bool]], out: Encoded) -> None:
        """Encode the text since the last control token in one go, as the tokenizer would."""
        text, learned = "".join(t for t, _ in run), [flag for t, flag in run for _ in t]
        run.clear()
        got = self.plain.encode(text, add_special_tokens=False)
        if self.control.intersection(got.ids):
            raise ValueError("Written text became a control token.")
        out.input_ids.extend(got.ids)
        spans = zip(got.ids, got.offsets, strict=True)
        out.labels.extend(token if learned[start] else IGNORED for token, (start, _) in spans)


def _without_control_tokens(whole: str, control: set[int]) -> str:
    bare = json.loads(whole)
    bare["post_processor"] = None
    bare["added_tokens"] = [token for token in bare["added_tokens"] if token["id"] not in control]
    return json.dumps(bare)
