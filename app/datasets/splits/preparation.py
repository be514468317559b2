"""How the versions of a dataset are prepared: what is held out of training, what is left out, as data."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from app.core.errors import Invalid, Place
from app.core.problems import pointer, sentence_of
from app.core.seen import mark_of
from app.core.web import In


class Preparation(In):
    """What is done with the rows that a rule takes. Empty lists and nulls ask for nothing.

    `held_out_categories` are ids of categories whose rows are only tested on; `held_out_writers` is the share of rows,
    in percent, whose writers are only tested on. `leave_out_overlap`: a row is left out that holds this share, in
    percent, of the runs of eight words of an item of a benchmark.
    """

    held_out_categories: list[int] = Field(default=[], max_length=200)
    held_out_writers: int | None = Field(default=None, ge=1, le=50)
    leave_out_overlap: int | None = Field(default=None, ge=1, le=100)

    @property
    def mark(self) -> str:
        """What names this preparation, for whoever changes it without looking away."""
        return mark_of(*self.model_dump().values())


def checked_preparation(raw: Mapping[str, Any]) -> Preparation:
    """The preparation that this JSON stands for. Invalid, naming each place, where it is none."""
    try:
        return Preparation.model_validate(dict(raw))
    except ValidationError as wrong:
        places = [Place("/preparation" + pointer(tuple(e["loc"])), sentence_of(dict(e))) for e in wrong.errors()]
        sentence = "This preparation was not accepted; nothing was stored."
        raise Invalid("datasets.bad_preparation", sentence, *places) from None
