"""What goes in and out of the API of runs."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, Json, model_validator

from app.core.text import FilledText, FormFilledText, Name, Text, WholeNumber
from app.core.web import FormIn, In, Out
from app.training.choices import CHOICES
from app.training.methods import MethodName
from app.training.playground.asked import MOST_SEED, MOST_TOKENS, MOST_TURNS, Question, Turn
from app.training.seen import Seen

Temperature = Annotated[float, Field(ge=0, le=2, description="0 always takes the likeliest token.")]
Tokens = Annotated[int, Field(ge=1, le=MOST_TOKENS, description="Where an answer is cut.")]
Seed = Annotated[int, Field(ge=0, le=MOST_SEED, description="The same seed gives the same answer.")]


OrLeftOpen = BeforeValidator(lambda value: None if value == "" else value)  # an empty choice of a form
RunId = Annotated[WholeNumber, Field(ge=1, lt=2**62)]
RunOrNone = Annotated[WholeNumber, Field(ge=0, lt=2**62)]


class StartRun(In):
    """A run to start: how it learns, the base model, and what differs from the defaults of both.

    `base_model` may be null where it begins from a run. `begins_from_run_id`: a finished run whose model it goes on
    from. `reward_run_id`: the run that made the reward model that it follows (rloo, grpo) or is measured by (dpo);
    `second_reward_run_id`: another, by which it is only measured.
    """

    base_model: Name | None = None
    method: MethodName = "sft"
    begins_from_run_id: RunId | None = None
    reward_run_id: RunId | None = None
    second_reward_run_id: RunId | None = None
    settings: dict[str, bool | int | float | str] = Field(default={}, max_length=40)


AdapterName = Literal["full", "lora", "qlora"]


class SettingsForm(FormIn):
    """What of a plan stands on the page's form. None is what the form was filled with."""

    adapter: AdapterName | None = None
    epochs: float | None = Field(default=None, gt=0, le=CHOICES["epochs"])
    learning_rate: float | None = Field(default=None, gt=0, le=CHOICES["learning_rate"])
    batch_size: int | None = Field(default=None, ge=1, le=CHOICES["batch_size"])
    train_rows: int | None = Field(default=None, ge=0, le=CHOICES["train_rows"])
    seed: int | None = Field(default=None, ge=0, le=CHOICES["seed"])
    max_steps: int | None = Field(default=None, ge=0, le=CHOICES["max_steps"])
    max_length: int | None = Field(default=None, ge=1, le=CHOICES["max_length"])
    lora_rank: int | None = Field(default=None, ge=1, le=CHOICES["lora_rank"])
    save_memory: Annotated[bool | None, OrLeftOpen] = None
    checkpoint_steps: int | None = Field(default=None, ge=0, le=CHOICES["checkpoint_steps"])
    evaluate_steps: int | None = Field(default=None, ge=0, le=CHOICES["evaluate_steps"])
    measure_rows: int | None = Field(default=None, ge=0, le=CHOICES["measure_rows"])
    rank_prompts: int | None = Field(default=None, ge=0, le=CHOICES["rank_prompts"])
    curve_seeds: int | None = Field(default=None, ge=0, le=CHOICES["curve_seeds"])
    packing: bool | None = None
    keep: Literal["last", "lowest_validation_loss"] | None = None
    patience: int | None = Field(default=None, ge=0, le=CHOICES["patience"])
    beta: float | None = Field(default=None, gt=0, le=CHOICES["beta"])
    generations: int | None = Field(default=None, ge=2, le=CHOICES["generations"])
    temperature: float | None = Field(default=None, gt=0, le=CHOICES["temperature"])
    max_kl: float | None = Field(default=None, ge=0, le=CHOICES["max_kl"])
    max_growth: float | None = Field(default=None, ge=0, le=CHOICES["max_growth"])
    test_samples: int | None = Field(default=None, ge=0, le=CHOICES["test_samples"])

    def chosen(self) -> dict[str, Any]:
        """What of it differs from what the form was filled with, by its key in a plan."""
        return self.model_dump(include=CHOICES.keys() & type(self).model_fields.keys(), exclude_none=True)


class StartRunForm(SettingsForm):
    """A run to start from the page's form, in which a run that is not chosen is 0."""

    base_model: Name
    method: MethodName = "sft"
    begins_from_run_id: RunOrNone = 0
    reward_run_id: RunOrNone = 0
    second_reward_run_id: RunOrNone = 0
    adapter: AdapterName
    epochs: float = Field(gt=0, le=CHOICES["epochs"])
    learning_rate: float = Field(gt=0, le=CHOICES["learning_rate"])
    batch_size: int = Field(ge=1, le=CHOICES["batch_size"])
    train_rows: int = Field(ge=0, le=CHOICES["train_rows"])
    seed: int = Field(ge=0, le=CHOICES["seed"])


class NewRunForm(SettingsForm):
    """What stands in the form of a new run, sent to see what it would take, or to choose another method or model.

    `begins_from`, a run's id, 0 for the base model; `like`: a run whose settings stand in the form. What is empty is as
    the form was filled.
    """

    base_model: str = ""
    method: MethodName | None = None
    begins_from: RunOrNone | None = None
    begins_from_run_id: RunOrNone | None = None
    reward_run_id: RunOrNone | None = None
    second_reward_run_id: RunOrNone | None = None
    like: RunId | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_open(cls, sent: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in sent.items() if value != ""}


class RunOut(Out):
    """A run as the API shows it."""

    id: int
    project_id: int
    version_id: int
    number: int
    base_model: str
    begins_from_run_id: int | None
    reward_run_id: int | None
    second_reward_run_id: int | None
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
    row was measured with. `drew`: how many training rows it took at most, 0 for all. `through_run_id`: where it was
    made from the model of a run on such a version, that run, of which the others tell; else null."""

    run_id: int
    number: int
    version_id: int
    status: str
    as_split: str
    drew: int
    through_run_id: int | None

    @classmethod
    def of(cls, one: Seen) -> Self:
        """The answer for a run that saw a row."""
        return cls(
            run_id=one.run.id,
            number=one.run.number,
            version_id=one.run.version_id,
            status=one.run.status,
            as_split=one.as_split,
            drew=one.drew,
            through_run_id=one.through.id if one.through else None,
        )


class SeenList(Out):
    """The runs that saw a row, the newest first, a hundred at most; `more`: there are older ones."""

    runs: list[SeenOut]
    more: bool


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
    """Events of a run past a sequence number, a thousand at most; `more`: ask for those past these."""

    events: list[dict[str, Any]]
    more: bool


class ModelFile(Out):
    """One file of a finished model. `sha256` in hex; null for a model that an older Penset stored."""

    name: str
    bytes: int
    sha256: str | None


class ModelFiles(Out):
    """The files of a finished model."""

    files: list[ModelFile]


class EarlierTurn(In):
    """What was asked before, and what each model said to it."""

    prompt: FilledText
    base: Text
    tuned: Text


EarlierTurns = Annotated[list[EarlierTurn], Field(max_length=MOST_TURNS)]


class AskIn(In):
    """A question to a run's base and tuned model, and the conversation before it."""

    prompt: FilledText
    earlier: EarlierTurns = []
    temperature: Temperature = 0.7
    max_tokens: Tokens = 300
    seed: Seed = 17

    def question(self) -> Question:
        """As the playground asks it. Invalid for a conversation that is too long."""
        return asked(self)


class AskForm(FormIn):
    """The same from the page's form; `run` is whose models are asked, `earlier` JSON."""

    run: Annotated[WholeNumber, Field(ge=1, lt=10**18)]
    prompt: FormFilledText
    earlier: Json[EarlierTurns] = []
    temperature: Temperature
    max_tokens: Tokens
    seed: Seed

    def question(self) -> Question:
        """As the playground asks it. Invalid for a conversation that is too long."""
        return asked(self)


def asked(given: AskIn | AskForm) -> Question:
    """The question that JSON or a form holds."""
    turns = [Turn(one.prompt, one.base, one.tuned) for one in given.earlier]
    question = Question(given.prompt, turns, given.temperature, given.max_tokens, given.seed)
    question.require_bearable()
    return question


class AskEvent(Out):
    """A line of what is told while both models answer.

    `queued`: `place` in the line, 1 is at work. `loading`: a side's model. `token`: `text` to put after what a side has
    said. `answered`: a side is through, with `tokens` and `seconds`; `ended` by itself, not cut. `failed`: `code` and
    `sentence`, of one `side` or of all. `done`: the last line, after which no answer goes on.
    """

    kind: Literal["queued", "loading", "token", "answered", "failed", "done"]
    side: Literal["base", "tuned"] | None = None
    place: int | None = None
    text: str | None = None
    tokens: int | None = None
    seconds: float | None = None
    ended: bool | None = None
    code: str | None = None
    sentence: str | None = None
