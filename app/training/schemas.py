"""What goes in and out of the API of runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.core.text import Name
from app.core.web import FormIn, In, Out
from app.training.choices import CHOICES


class StartRun(In):
    """A run to start: the base model and what differs from its defaults."""

    base_model: Name
    settings: dict[str, bool | int | float | str] = Field(default={}, max_length=20)


class StartRunForm(FormIn):
    """The same from the page's form."""

    base_model: Name
    adapter: Literal["full", "lora"]
    epochs: float = Field(gt=0, le=CHOICES["epochs"])
    learning_rate: float = Field(gt=0, le=CHOICES["learning_rate"])
    batch_size: int = Field(ge=1, le=CHOICES["batch_size"])
    train_rows: int = Field(ge=0, le=CHOICES["train_rows"])
    seed: int = Field(ge=0, le=CHOICES["seed"])
    max_steps: int | None = Field(default=None, ge=0, le=CHOICES["max_steps"])
    max_length: int | None = Field(default=None, ge=1, le=CHOICES["max_length"])
    lora_rank: int | None = Field(default=None, ge=1, le=CHOICES["lora_rank"])
    measure_rows: int | None = Field(default=None, ge=0, le=CHOICES["measure_rows"])
    packing: bool | None = None
    keep: Literal["last", "lowest_validation_loss"] | None = None
    patience: int | None = Field(default=None, ge=0, le=CHOICES["patience"])


class RunOut(Out):
    """A run as the API shows it."""

    id: int
    project_id: int
    version_id: int
    number: int
    base_model: str
    status: str
    failure: str
    plan: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunList(Out):
    """A page of runs, newest first."""

    runs: list[RunOut]
    next_cursor: str | None


class SeenOut(Out):
    """A run on a version that holds a row. `as_split` train: it learned from it, unless it `drew` other rows; else the
    row was measured with. `drew`: how many training rows it took at most, 0 for all."""

    run_id: int
    number: int
    version_id: int
    status: str
    as_split: str
    drew: int


class SeenList(Out):
    """The runs that saw a row, the newest first."""

    runs: list[SeenOut]


class DataOut(Out):
    """What a run learned from: the version, its dataset, its rule in words and as JSON, its rows by split."""

    run_id: int
    project_id: int
    dataset_id: int
    dataset: str
    version_id: int
    version: int
    content_hash: str | None
    rule: dict[str, Any]
    rule_in_words: str
    guidelines: list[int]
    rows: dict[str, int]
    drew: int


class EventList(Out):
    """Events of a run past a sequence number."""

    events: list[dict[str, Any]]


class ModelFile(Out):
    """One file of a finished model. `sha256` in hex; null for a model that an older Penset stored."""

    name: str
    bytes: int
    sha256: str | None


class ModelFiles(Out):
    """The files of a finished model."""

    files: list[ModelFile]
