"""One model at most, loaded when it is asked, and what it says, token by token."""

import gc
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers.decoders import DecodeStream
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from app.training.generator.desk import Left, Tell
from app.training.generator.protocol import Ask, Side
from app.training.worker.base import load_model, load_tokenizer, own_end, stored_dtype
from app.training.worker.base_folder import check_folder
from app.training.worker.batches import FILL
from app.training.worker.chat import ChatEncoder
from app.training.worker.failures import RunFailed
from app.training.worker.machine import look
from app.training.worker.reach import reads

MOST_SECONDS = 300.0  # for one answer; then it is cut


@dataclass(frozen=True)
class Loaded:
    """A model with what reads and writes for it."""

    folder: str
    model: Any
    encode: ChatEncoder


class Speaker:
    """Answers asks with one loaded model at a time: what was loaded before is let go first."""

    def __init__(self, memory_mb: int) -> None:
        """`memory_mb`: what may be taken, of the graphics memory as well; 0: any."""
        self.memory = memory_mb << 20
        self.loaded: Loaded | None = None
        found = look()
        self.device = torch.device("cuda" if found.gpu else "cpu")
        self.dtype = torch.bfloat16 if found.gpu and found.bf16 else torch.float32
        if found.gpu and self.memory:
            torch.cuda.set_per_process_memory_fraction(min(1.0, self.memory / found.memory))

    def __call__(self, ask: Ask, tell: Tell, left: Left) -> None:
        """Answer for each side, beginning with the one whose model is loaded."""
        for side in sorted(ask.sides, key=lambda side: self.loaded is None or side.folder != self.loaded.folder):
            if left():
                return
            try:
                self._answer(side, ask, tell, left)
            except Exception as problem:  # the edge of an ask: the process goes on for the next
                failure = self._explained(problem)
                tell({"kind": "failed", "side": side.name, "code": failure.code, "sentence": failure.reason})
        tell({"kind": "done"})

    def _answer(self, side: Side, ask: Ask, tell: Tell, left: Left) -> None:
        if self.loaded is None or self.loaded.folder != side.folder:
            tell({"kind": "loading", "side": side.name})
            self._let_go()
            self.loaded = self._load(side)
        say(self.loaded, side, ask, tell, left)

    def _load(self, side: Side) -> Loaded:
        folder = Path(side.folder)
        check_folder(folder)
        require_room(folder, self.dtype, self.memory)
        tokenizer = load_tokenizer(folder, side.chat_template)
        encode = ChatEncoder(tokenizer, side.stop_token or own_end(tokenizer))
        model = load_model(folder, self.dtype).to(self.device).eval()
        model.generation_config = GenerationConfig()  # its folder's would fill in whatever an ask leaves open
        return Loaded(side.folder, model, encode)

    def _let_go(self) -> None:
        self.loaded = None
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _explained(self, problem: Exception) -> RunFailed:
        if isinstance(problem, RunFailed):
            return problem
        traceback.print_exc(file=sys.stderr)
        said = str(problem).lower()
        if isinstance(problem, MemoryError) or "out of memory" in said or "can't allocate memory" in said:
            self._let_go()
            return no_room(self.memory)
        return RunFailed(
            "unexpected", "The model could not answer. Its process has written down why: generator.log.", ""
        )


def no_room(memory: int, needed: int = 0) -> RunFailed:
    """What is said where the memory does not do; in bytes."""
    allowed = f"{memory >> 20:,} MiB are allowed (PENSET_PLAYGROUND_MEMORY_MB)" if memory else "this machine has less"
    much = f" about {needed >> 20:,} MiB of memory" if needed else " more memory"
    return RunFailed("no_room", f"This model takes{much}, and {allowed}.", "")


def require_room(folder: Path, dtype: torch.dtype, memory: int) -> None:
    """RunFailed, before anything is loaded, for weights that alone take more than `memory` bytes; 0: any."""
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    needed = stored * dtype.itemsize // stored_dtype(folder).itemsize
    if memory and needed > memory:
        raise no_room(memory, needed)


def say(loaded: Loaded, side: Side, ask: Ask, tell: Tell, left: Left) -> None:
    """The model's answer to the side's messages, told token by token. The same ask gives the same answer."""
    ids = loaded.encode(side.messages, add_generation_prompt=True).input_ids
    room = reads(loaded.model) - len(ids)
    if room <= 0:
        sentence = f"This conversation has {len(ids)} tokens, more than the model can read. Begin a new one."
        raise RunFailed("too_long", sentence, "")
    begun, told = time.monotonic(), Telling(loaded, side, tell)
    given = torch.tensor([ids], device=loaded.model.device)  # (1, T)
    torch.manual_seed(ask.seed)
    with torch.inference_mode():
        loaded.model.generate(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            generation_config=how(ask, min(ask.max_tokens, room), loaded.encode.ends),
            streamer=told,
            stopping_criteria=StoppingCriteriaList([WhenLeft(left)]),
        )
    told.flush()
    seconds = round(time.monotonic() - begun, 2)
    tell({"kind": "answered", "side": side.name, "tokens": told.count, "seconds": seconds, "ended": told.ended})


def how(ask: Ask, most: int, ends: list[int]) -> GenerationConfig:
    """How tokens are drawn: from all of them, by the temperature alone, whatever the model's folder says."""
    drawn = {"do_sample": True, "temperature": ask.temperature, "top_k": 0, "top_p": 1.0} if ask.temperature else {}
    return GenerationConfig(
        max_new_tokens=most, max_time=MOST_SECONDS, use_cache=True, eos_token_id=ends, pad_token_id=FILL,
        **(drawn or {"do_sample": False}),
    )  # fmt: skip


class Telling(BaseStreamer):  # type: ignore[misc]  # transformers has no types
    """Tells tokens as they come, as text; what is half a character waits for its other half."""

    def __init__(self, loaded: Loaded, side: Side, tell: Tell) -> None:
        self.loaded, self.side, self.tell = loaded, side, tell
        self.stream = DecodeStream(skip_special_tokens=False)
        self.count, self.ended, self.asked, self.told = 0, False, False, 0
        self.tokens: list[int] = []

    def put(self, value: Any) -> None:
        """The ids of the prompt first, then each new one."""
        if not self.asked:
            self.asked = True
            return
        for token in value.flatten().tolist():
            if token in self.loaded.encode.ends:
                self.ended = True
                return
            self.count += 1
            self.tokens.append(token)
            self._say(self.stream.step(self.loaded.encode.framed, token))

    def end(self) -> None:
        """Nothing is left to do here."""

    def flush(self) -> None:
        """Tell what never became a whole character."""
        whole = self.loaded.encode.framed.decode(self.tokens, skip_special_tokens=False)
        self._say(whole[self.told :])

    def _say(self, text: str | None) -> None:
        if text:
            self.told += len(text)
            text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # what no text of ours holds
            self.tell({"kind": "token", "side": self.side.name, "text": text})


class WhenLeft(StoppingCriteria):  # type: ignore[misc]  # transformers has no types
    """Ends an answer for which nobody waits any more."""

    def __init__(self, left: Left) -> None:
        self.left = left

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        return torch.full((input_ids.shape[0],), self.left(), device=input_ids.device, dtype=torch.bool)
