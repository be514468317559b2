"""How many tokens does a model read at once? What is longer it was never taught, and some models fail at it."""

import sys
from typing import Any

from app.training.worker.failures import RunFailed


def reads(model: Any) -> int:
    """As its configuration says; without end where that says nothing."""
    most = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return most if isinstance(most, int) and most > 0 else sys.maxsize


def require_reach(model: Any, max_length: int) -> None:
    """RunFailed where rows may be longer than the model reads."""
    if max_length > (most := reads(model)):
        raise RunFailed(
            "too_long_for_model",
            f"max_length is {max_length}, and this model reads {most} tokens at once.",
            f"Lower max_length to {most}: longer rows are left out then, and named.",
        )
