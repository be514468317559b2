"""What does the model say to a few fixed prompts, as it learns? Told as it begins, at each epoch's end, and last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.training.worker.answers import answers
from app.training.worker.batches import Tell
from app.training.worker.chat import ChatEncoder
from app.training.worker.events import EventKind, Journal
from app.training.worker.measure import at_rest
from app.training.worker.rows import Row

SAYS = 2  # prompts: more would take longer than people look


@dataclass(frozen=True)
class Says:
    """Asks the same prompts again and again: of rows to validate by, whose answers nobody compares blindly later."""

    journal: Journal
    rows: Sequence[Row]
    encode: ChatEncoder
    max_new_tokens: int

    def __call__(self, model: Any, tell: Tell, step: int, epoch: float) -> None:
        """Tell what it says at this step, greedily."""
        if not self.rows:
            return
        with at_rest(model):
            said = answers(model, self.rows, self.encode, max_new_tokens=self.max_new_tokens, tell=tell)
        for row, answer in zip(self.rows, said, strict=True):
            self.journal.write(
                EventKind.ANSWER,
                step=step,
                epoch=epoch,
                sample={
                    "split": row.split,
                    "id": row.id,
                    "prompt_id": row.prompt_id,
                    "category": row.category,
                    "messages": row.prompt,
                    "text": answer.text,
                    "ended": answer.ended,
                },
            )
